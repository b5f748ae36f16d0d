// What a cell may say: limits of tslab that a reader meets are lifted here, or explained.
//
// Plain JavaScript, because Jupyter starts it as well, without any of our build.
'use strict';

const childProcess = require('node:child_process');
const { pathToFileURL } = require('node:url');

/** How TypeScript writes `import(id)` for a module system that can't wait. */
const DYNAMIC_IMPORT = /Promise\.resolve\(\)\.then\(\(\) => __importStar\(require\(([^()]*)\)\)\)/g;

/**
 * An executor whose cells know shorthand for values of earlier cells, loop with `for await`, import ES modules that wait
 * for something, and complain in words.
 *
 * @param createExecutor - tslab's.
 */
exports.forCells = function forCells(createExecutor) {
  return (rootDir, convs, output) => {
    let source = '';
    const error = (...args) => output.error(...inWords(args, source));
    const executor = createExecutor(rootDir, loading(convs), { ...output, error });
    const { execute } = executor;
    globalThis.__tslab__.load = load(globalThis.__tslab__.require);
    executor.execute = async (given) => {
      source = given;
      // An await makes tslab wait for the cell; it does not see the one of a loop.
      const code =
        /\bfor\s+await\b/.test(given) && !/^\s*\/\*\*\s*@\w/.test(given)
          ? `await undefined; ${given}`
          : given;
      const done = await execute(code);
      share(executor.locals);
      return done;
    };
    return executor;
  };
};

/** Makes values of cells known by their bare names: tslab's compiler overlooks `{ name }`. */
function share(values) {
  for (const name of Object.keys(values)) {
    if (name in globalThis) continue;
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get: () => values[name],
      set: (value) => {
        values[name] = value;
      },
    });
  }
}

/** tslab's converters, with `import()` left to {@link load}. */
function loading(convs) {
  return {
    get node() {
      const converter = convs.node;
      const convert = (...args) => {
        const converted = converter.convert(...args);
        const output = converted.output?.replace(DYNAMIC_IMPORT, '__tslab__.load($1)');
        return { ...converted, output };
      };
      return { ...converter, convert };
    },
    get browser() {
      return convs.browser;
    },
    close: () => convs.close(),
  };
}

/** `import()` that takes ES modules which `require` refuses. */
function load(require) {
  return async (id) => {
    try {
      const found = require(id);
      return found?.__esModule ? found : { ...found, default: found };
    } catch (error) {
      if (!['ERR_REQUIRE_ESM', 'ERR_REQUIRE_ASYNC_MODULE'].includes(error?.code)) throw error;
      return import(pathToFileURL(require.resolve(id)).href);
    }
  };
}

/** What tslab prints of an error, without the traces of what is no bug, and with a way out of its limits. */
function inWords(args, source) {
  const [error] = args;
  if (error instanceof Error) {
    // The reader's own mistake, or wish: its message says everything.
    if (error.name === 'UserError') return [`${error.name}: ${error.message}`];
    if (/^Interrupted asynchronously|execution was interrupted by/.test(error.message))
      return [error.message];
    if (['ERR_REQUIRE_ESM', 'ERR_REQUIRE_ASYNC_MODULE'].includes(error.code)) {
      return [
        `${error.message.split('. ')[0]} (write \`await import(...)\` for \`import ... from\`: a cell's imports can't wait)`,
      ];
    }
    if (/^Identifier 'exports' has already been declared/.test(error.message)) {
      return [
        `${error.name}: a pattern within a pattern over a value of an earlier cell can't be compiled here; take the value apart in two steps`,
      ];
    }
    return args;
  }
  const message = String(args[args.length - 1]);
  if (/^\s*export\b/m.test(source) && /xport/.test(message)) {
    return [...args.slice(0, -1), `${message} (leave 'export' away: every later cell knows a cell's values)`];
  }
  return args;
}

/**
 * Output that a child process inherits goes past the notebook, to the kernel's own terminal. It is taken and printed
 * instead.
 */
exports.showChildren = function showChildren() {
  const { spawn, spawnSync, execSync, execFileSync } = childProcess;
  const inherits = (options, place) => {
    const stdio = options?.stdio;
    return stdio === 'inherit' || (Array.isArray(stdio) && stdio[place] === 'inherit');
  };
  const piped = (options) => ({
    ...options,
    stdio: [0, 1, 2].map((place) =>
      inherits(options, place)
        ? place === 0
          ? 'ignore'
          : 'pipe'
        : Array.isArray(options.stdio)
          ? options.stdio[place]
          : options.stdio,
    ),
  });
  const takes = (args) => args.findIndex((arg) => inherits(arg, 1) || inherits(arg, 2));
  const shown = (call, print) =>
    function callShown(...args) {
      const at = takes(args);
      if (at < 0) return call.apply(this, args);
      const options = args[at];
      const result = call.apply(this, args.with(at, piped(options)));
      print(result, options);
      return result;
    };
  const write = (text) => text && process.stdout.write(String(text));
  Object.assign(childProcess, {
    spawn: shown(spawn, (child) => {
      child.stdout?.on('data', (text) => process.stdout.write(String(text)));
      child.stderr?.on('data', (text) => process.stderr.write(String(text)));
    }),
    spawnSync: shown(spawnSync, ({ stdout, stderr }) => {
      write(stdout);
      if (stderr) process.stderr.write(String(stderr));
    }),
    execSync: shown(execSync, write),
    execFileSync: shown(execFileSync, write),
  });
};
