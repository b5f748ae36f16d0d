import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The source of tfjs-node's addon that is changed, from the package's folder, and the contents it must have. */
const SOURCE = join('binding', 'tfjs_backend.cc');
const SOURCE_SHA256 = '37a6a6f29e0be5e6ba17fe2b7c943a730f1069eaa8a536fd42ea22b0c56695f7';

/**
 * tfjs-node 4.22 hands lists of numbers to TensorFlow's operations, but no lists of strings and of types. The fused
 * convolutions need both: `fused_ops` names what follows the convolution, `TArgs` the types of its inputs.
 */
const LIST_SETTERS = `
static bool ElementsOf(napi_env env, napi_value value,
                       std::vector<napi_value> *elements) {
  bool is_array = false;
  uint32_t length = 0;
  if (napi_is_array(env, value, &is_array) != napi_ok || !is_array ||
      napi_get_array_length(env, value, &length) != napi_ok) {
    return false;
  }
  elements->resize(length);
  for (uint32_t i = 0; i < length; ++i) {
    if (napi_get_element(env, value, i, &(*elements)[i]) != napi_ok) return false;
  }
  return true;
}

// Both return whether the value was a list; an element of another type throws.
static bool SetStringList(napi_env env, TFE_Op *op, const char *name,
                          napi_value value) {
  std::vector<napi_value> elements;
  if (!ElementsOf(env, value, &elements)) return false;
  std::vector<std::string> strings(elements.size());
  std::vector<const void *> starts(elements.size());
  std::vector<size_t> lengths(elements.size());
  for (size_t i = 0; i < elements.size(); ++i) {
    if (GetStringParam(env, elements[i], strings[i]) != napi_ok) return true;
    starts[i] = strings[i].data();
    lengths[i] = strings[i].size();
  }
  TFE_OpSetAttrStringList(op, name, starts.data(), lengths.data(),
                          static_cast<int>(elements.size()));
  return true;
}

static bool SetTypeList(napi_env env, TFE_Op *op, const char *name,
                        napi_value value) {
  std::vector<napi_value> elements;
  if (!ElementsOf(env, value, &elements)) return false;
  std::vector<TF_DataType> types(elements.size());
  for (size_t i = 0; i < elements.size(); ++i) {
    int32_t type = 0;
    if (napi_get_value_int32(env, elements[i], &type) != napi_ok) {
      NAPI_THROW_ERROR(env, "%s: expected a list of numbers of types", name);
      return true;
    }
    types[i] = static_cast<TF_DataType>(type);
  }
  TFE_OpSetAttrTypeList(op, name, types.data(),
                        static_cast<int>(elements.size()));
  return true;
}

`;

/** Lines of the source, each there once, and what is put before or after them. */
const INSERTIONS: readonly { line: string; before?: string; after?: string }[] = [
  {
    line: 'void AssignOpAttr(napi_env env, TFE_Op *tfe_op, napi_value attr_value) {\n',
    before: LIST_SETTERS,
  },
  {
    line: '    case TF_ATTR_STRING: {\n',
    after: '      if (SetStringList(env, tfe_op, attr_name, js_value)) break;\n',
  },
  {
    line: '    case TF_ATTR_TYPE: {\n',
    after: '      if (SetTypeList(env, tfe_op, attr_name, js_value)) break;\n',
  },
];

/** All that the patch depends on and does, in one text: another text, another addon. */
export const ADDON_PATCH = JSON.stringify([SOURCE_SHA256, INSERTIONS]);

/**
 * Adds lists of strings and types to a copy of tfjs-node's addon. A source that is not the one it was written for is
 * left as it is: everything works without, only slower.
 *
 * @param folder - Holds the copy's folder `binding`.
 * @returns Whether it was added.
 */
export function patchAddon(folder: string): boolean {
  const path = join(folder, SOURCE);
  const source = readFileSync(path);
  if (createHash('sha256').update(source).digest('hex') !== SOURCE_SHA256) return false;
  writeFileSync(path, withInsertions(source.toString()));
  return true;
}

function withInsertions(source: string): string {
  return INSERTIONS.reduce((text, { line, before = '', after = '' }) => {
    const [head, tail, ...more] = text.split(line);
    if (tail === undefined || more.length > 0) {
      throw new Error(`${SOURCE}: expected once, was there ${more.length ? 'more often' : 'not'}: ${line}`);
    }
    return `${head}${before}${line}${after}${tail}`;
  }, source);
}
