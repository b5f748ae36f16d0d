import { join } from 'node:path';
import type { Target } from './wheel';

/** Version of Node's stable C interface that the addons are built for; the newest that tfjs-node 4.22 names. */
export const NAPI_VERSION = 8;

/** Where tfjs-node's package looks for its addon. */
export const ADDON_FOLDER = join('lib', `napi-v${NAPI_VERSION}`);

/** tfjs-node's addon, by the name under which tfjs-node looks for it. */
export const BINDING = 'tfjs_binding';

/** Our own addon that holds back what is written to stderr while TensorFlow's libraries are loaded. */
export const STDERR_GATE = 'stderr_gate';

/**
 * TensorFlow logs two lines from a static initializer, before any of its settings holds, and with a time in
 * them: they would stand in the output of every notebook. Node can't redirect a file descriptor; C can.
 */
export const STDERR_GATE_SOURCE = `
#include <node_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static FILE* held = NULL;
static int original = -1;

static napi_value Hold(napi_env env, napi_callback_info info) {
  (void)env;
  (void)info;
  if (held != NULL || (held = tmpfile()) == NULL) return NULL;
  fflush(stderr);
  original = dup(STDERR_FILENO);
  dup2(fileno(held), STDERR_FILENO);
  return NULL;
}

static napi_value Release(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value text = NULL;
  long size = 0;
  char* bytes = NULL;
  if (held != NULL) {
    fflush(stderr);
    dup2(original, STDERR_FILENO);
    close(original);
    fseek(held, 0, SEEK_END);
    size = ftell(held);
    rewind(held);
    bytes = malloc(size > 0 ? (size_t)size : 1);
    size = bytes == NULL ? 0 : (long)fread(bytes, 1, (size_t)size, held);
    fclose(held);
    held = NULL;
  }
  napi_create_string_utf8(env, bytes == NULL ? "" : bytes, (size_t)size, &text);
  free(bytes);
  return text;
}

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "hold", NAPI_AUTO_LENGTH, Hold, NULL, &function);
  napi_set_named_property(env, exports, "hold", function);
  napi_create_function(env, "release", NAPI_AUTO_LENGTH, Release, NULL, &function);
  napi_set_named_property(env, exports, "release", function);
  return exports;
}
`;

/** On macOS the compiler is told what TensorFlow's headers and wheel need: C++17, and the system of the wheel's tag. */
const XCODE = {
  xcode_settings: {
    CLANG_CXX_LIBRARY: 'libc++',
    CLANG_CXX_LANGUAGE_STANDARD: 'c++17',
    GCC_ENABLE_CPP_EXCEPTIONS: 'YES',
    MACOSX_DEPLOYMENT_TARGET: '12.0',
  },
};

/**
 * What node-gyp builds: tfjs-node's sources as its own binding.gyp builds them, and the gate. The libraries are looked
 * for at `../../deps/lib` from where the addon lies.
 */
export function bindingGyp(target: Target): object {
  const apple = target === 'darwin-arm64';
  const here = apple ? '@loader_path' : '$$ORIGIN';
  return {
    target_defaults: { defines: [`NAPI_VERSION=${NAPI_VERSION}`], ...(apple ? XCODE : {}) },
    targets: [
      {
        target_name: BINDING,
        sources: ['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc'],
        include_dirs: ['deps/include'],
        library_dirs: ['<(module_root_dir)/deps/lib'],
        libraries: [`-Wl,-rpath,'${here}/../../deps/lib'`, '-ltensorflow', '-ltensorflow_framework'],
      },
      { target_name: STDERR_GATE, sources: [`${STDERR_GATE}.c`] },
    ],
  };
}
