// What stands between the platform and a TypeScript service.
//
// It owns the shape of calls and answers, the functions of the module "mote", and the refusal of everything
// that would make an answer depend on more than the call. It runs twice: once when the service is built and
// frozen, and then, from that frozen state, for every call.
const $mote = (() => {
  const { parse, stringify } = JSON;
  const { freeze, defineProperty, keys } = Object;
  const isArray = Array.isArray;
  const write = globalThis.log;
  delete globalThis.log;

  // The id of the call being answered, or undefined while the modules load; and the ids derived from it.
  let id;
  let drawn = 0;

  class Failure {
    constructor(code, data) {
      this.code = code;
      this.data = data;
    }
  }

  // Ends the call with an error that the contract declares.
  function fail(code, data) {
    if (typeof code !== "string") {
      throw new TypeError("fail(code, data) takes the code of an error that the contract declares");
    }
    throw new Failure(code, data);
  }

  // A further id for the same call, in the form of a UUID.
  //
  // The n-th id is a hash of `context.id`, "#" and n, so a replayed call draws the same ids, and different
  // calls draw different ones: 122 bits, spread by the mixing of MurmurHash3 over four lanes. It is not a
  // secret: whoever knows the call's id can compute it.
  function newId() {
    if (id === undefined) throw new Error("newId() works only while a call is answered; call it inside the handler");
    drawn += 1;
    return uuid(`${id}#${drawn}`);
  }

  function uuid(text) {
    let a = 0x243f6a88, b = 0x85a308d3, c = 0x13198a2e, d = 0x03707344;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      a = Math.imul(a ^ unit, 0x9e3779b1); a ^= a >>> 15;
      b = Math.imul(b ^ unit ^ a, 0x85ebca77); b ^= b >>> 13;
      c = Math.imul(c ^ unit ^ b, 0xc2b2ae3d); c ^= c >>> 16;
      d = Math.imul(d ^ unit ^ c, 0x27d4eb2f); d ^= d >>> 14;
    }
    a = mix(a ^ d); b = mix(b ^ a); c = mix(c ^ b); d = mix(d ^ c); a = mix(a ^ d); b = mix(b ^ a);
    const [w, x, y, z] = [a, b, c, d].map((lane) => (lane >>> 0).toString(16).padStart(8, "0"));
    const variant = "89ab"[(c >>> 30) & 3];
    return `${w}-${x.slice(0, 4)}-8${x.slice(5)}-${variant}${y.slice(1, 4)}-${y.slice(4)}${z}`;
  }

  function mix(lane) {
    lane = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
    lane = Math.imul(lane ^ (lane >>> 13), 0xc2b2ae35);
    return lane ^ (lane >>> 16);
  }

  // --- What a service cannot reach ---

  function refusal(what, instead) {
    return () => {
      throw new Error(`${what} is not available in a service, where equal calls must get equal answers: ${instead}`);
    };
  }

  function replace(owner, name, value) {
    defineProperty(owner, name, { value, writable: true, enumerable: false, configurable: true });
  }

  const RealDate = Date;
  const now = "use context.now";
  const bareDate = refusal("the current date", "use new Date(context.now)");
  function SafeDate(...parts) {
    if (new.target === undefined || parts.length === 0) bareDate();
    return Reflect.construct(RealDate, parts, new.target);
  }
  SafeDate.prototype = RealDate.prototype;
  SafeDate.UTC = RealDate.UTC;
  SafeDate.parse = RealDate.parse;
  SafeDate.now = refusal("Date.now()", now);
  replace(SafeDate, "name", "Date");
  replace(RealDate.prototype, "constructor", SafeDate);
  replace(globalThis, "Date", SafeDate);
  replace(Math, "random", refusal("Math.random()", "use newId() for ids, and the input for everything else"));

  const outside = "declare an external contract, and let a workflow call it";
  const later = "a handler answers at once; let a workflow wait";
  for (const [name, instead] of [
    ["fetch", outside], ["XMLHttpRequest", outside], ["WebSocket", outside],
    ["setTimeout", later], ["setInterval", later], ["setImmediate", later], ["queueMicrotask", later],
    ["require", 'use import, from "mote" or from a file of the service'],
  ]) {
    replace(globalThis, name, refusal(`${name}()`, instead));
  }
  for (const [name, instead] of [
    ["crypto", "use newId() for ids"], ["performance", now], ["process", "use the input"],
    ["Temporal", "use new Date(context.now)"], ["Intl", "format with your own function"],
    ["WeakRef", "hold the object itself"], ["FinalizationRegistry", "release it in the handler"],
  ]) {
    defineProperty(globalThis, name, { get: refusal(name, instead), configurable: true });
  }

  function line(...parts) {
    if (id === undefined) throw new Error("console works only while a call is answered; use it inside the handler");
    write(parts.map((part) => (typeof part === "string" ? part : shown(part))).join(" "));
  }

  function shown(value) {
    if (value instanceof Error) return `${value}`;
    try {
      return stringify(value) ?? String(value);
    } catch {
      return String(value);
    }
  }

  replace(globalThis, "console", freeze({ debug: line, log: line, info: line, warn: line, error: line }));

  // --- Where an exception comes from ---

  // `places` lists the modules in this text: [first line, file, [per line, the line of the file, or
  // column, line, column, line, ...]].
  function origin(error, places) {
    const stack = error instanceof Error ? String(error.stack) : "";
    for (const [, line, column] of stack.matchAll(/user\.js:(\d+)(?::(\d+))?/g)) {
      const place = find(parse(places), Number(line), Number(column ?? 1));
      if (place !== undefined) return place;
    }
    return {};
  }

  function find(places, line, column) {
    for (const [first, file, lines] of places) {
      const entry = lines[line - first];
      if (entry === undefined) continue;
      if (typeof entry === "number") return { file, line: entry };
      let found = entry[1];
      for (let i = 0; i < entry.length && entry[i] < column; i += 2) found = entry[i + 1];
      return { file, line: found };
    }
    return undefined;
  }

  function described(error) {
    if (error instanceof Failure) return `fail(${stringify(error.code)}) outside of a handler`;
    return error instanceof Error ? `${error.name}: ${error.message}` : `it threw ${shown(error)}`;
  }

  function fault(kind, message, place) {
    return stringify({ fault: { kind, message, ...place } });
  }

  // --- A call and its answer ---

  // Where JSON.stringify put null for something that is not null, or undefined.
  function unwritable(value, path) {
    if (typeof value === "number") return Number.isFinite(value) ? undefined : `${path} is ${value}`;
    if (typeof value !== "object" || value === null) return undefined;
    if (typeof value.toJSON === "function") return value.toJSON() === null ? `${path} is an invalid date` : undefined;
    if (isArray(value)) {
      for (let i = 0; i < value.length; i++) {
        const item = value[i];
        if (item === undefined || typeof item === "function" || typeof item === "symbol") {
          return `${path}[${i}] is ${typeof item}`;
        }
        const found = unwritable(item, `${path}[${i}]`);
        if (found !== undefined) return found;
      }
      return undefined;
    }
    for (const key of keys(value)) {
      const found = unwritable(value[key], `${path}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  // What the handler of a publisher returns, and any other.
  const MESSAGES = "return { messages }";
  const RESULT = "return { output, events }";

  function written(operation, result, wanted) {
    if (typeof result !== "object" || result === null || isArray(result)) {
      const what = result === null ? "null" : isArray(result) ? "an array" : typeof result;
      return fault("malformed", `the handler of ${operation} returned ${what}: ${wanted}`);
    }
    if (typeof result.then === "function") {
      const message = `the handler of ${operation} returned a promise, which nobody waits for: remove async and await`;
      return fault("promise", message);
    }
    for (const key of keys(result)) {
      if (key !== "output" && key !== "events" && key !== "messages") {
        return fault("malformed", `the handler of ${operation} returned the unknown key ${key}: ${wanted}`);
      }
    }
    let text;
    try {
      text = stringify({ ok: result });
    } catch (error) {
      return fault("malformed", `what the handler of ${operation} returned is not JSON: ${described(error)}`);
    }
    if (text.includes("null")) {
      const found = keys(result).map((key) => unwritable(result[key], key)).find((it) => it !== undefined);
      if (found !== undefined) {
        return fault("malformed", `what the handler of ${operation} returned is not JSON: ${found}`);
      }
    }
    return text;
  }

  function answer(call, handlers, places) {
    const request = parse(call);
    const operation = request.operation;
    const handler = handlers[operation];
    if (handler === undefined) return fault("operation", `there is no operation ${operation} in this service`);
    id = String(request.context?.id ?? "");
    drawn = 0;
    try {
      return written(operation, handler(request), "event" in request ? MESSAGES : RESULT);
    } catch (error) {
      if (error instanceof Failure) return stringify({ error: { code: error.code, data: error.data } });
      return fault("exception", described(error), origin(error, places));
    }
  }

  // The default exports of the operations' modules, by operation.
  function handlers(modules) {
    const found = { __proto__: null };
    for (const [operation, file, module] of modules) {
      if (typeof module.default !== "function") {
        throw new Broken(file, `it does not export a handler: write export default handler`);
      }
      found[operation] = module.default;
    }
    return found;
  }

  class Broken {
    constructor(file, message) {
      this.file = file;
      this.message = message;
    }
  }

  // What to throw when the modules cannot be loaded, in a form that the builder reads.
  function broken(error, places) {
    const report =
      error instanceof Broken
        ? { file: error.file, message: error.message }
        : { ...origin(error, places), message: described(error) };
    return new Error(`\u0002${stringify(report)}\u0003`);
  }

  function star(module) {
    const { default: _, ...rest } = module;
    return rest;
  }

  const library = freeze({ __proto__: null, fail, newId });
  return freeze({ answer, broken, handlers, library, star });
})();
