/** What JavaScript can hand over in the place of an argument. */

/** Every access to it throws, and what it throws is what the engine throws too. */
function touchy(target: object): object {
  const handler: ProxyHandler<object> = {};
  for (const trap of Object.getOwnPropertyNames(Reflect) as (keyof ProxyHandler<object>)[]) {
    handler[trap] = () => {
      throw new TypeError('not to be touched');
    };
  }
  return new Proxy(target, handler);
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function detached(): Uint8Array {
  const bytes = new Uint8Array(8);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  return bytes;
}

/** Node 20 resizes buffers; the types of this project's target do not know it yet. */
const Resizable = ArrayBuffer as unknown as new (
  length: number,
  options: { maxByteLength: number },
) => ArrayBuffer & { resize(length: number): void };

function shrunk(): Uint8Array {
  const buffer = new Resizable(8, { maxByteLength: 64 });
  const bytes = new Uint8Array(buffer, 4, 4);
  buffer.resize(2);
  return bytes;
}

const values: (() => unknown)[] = [
  ...[
    undefined,
    null,
    true,
    Number.NaN,
    -1,
    -0,
    1.5,
    Number.POSITIVE_INFINITY,
    2 ** 32,
    2 ** 53,
    5,
    5n,
    -1n,
  ].map((value) => () => value),
  ...[2n ** 64n, '', 'x', '7', 'a\0b', '\ud800', Symbol('s'), () => 1, /x/].map((value) => () => value),
  () => ({}),
  () => [],
  () => [null],
  () => [[null, null]],
  () => [touchy([])],
  () => ({ length: 3 }),
  () => Object.create(null),
  () => new Date(Number.NaN),
  () => Promise.resolve(),
  () => touchy({}),
  () => touchy([]),
  () => touchy(() => 1),
  () => revoked({}),
  () => revoked([]),
  () => ({
    get [Symbol.toStringTag]() {
      throw new TypeError('no tag');
    },
  }),
  () => ({
    toString() {
      throw new TypeError('no text');
    },
    valueOf() {
      throw new TypeError('no value');
    },
  }),
  detached,
  shrunk,
  () => new Uint8Array(new Resizable(8, { maxByteLength: 64 })),
  () => new Uint8Array(new SharedArrayBuffer(8)),
  () => new DataView(new ArrayBuffer(8)),
  () => new Uint32Array(2),
  () => new ArrayBuffer(8),
];

/** Everything of that, and what can be made from the right argument. */
export function hostileFor(right: unknown): unknown[] {
  const all = values.map((make) => make());
  if (typeof right !== 'object' || right === null) return all;
  return [...all, new Proxy(right, {}), touchy(right), revoked(right), Object.create(right)];
}

/** Lists of arguments in which one is hostile: each argument in its turn, and each option of one. */
export function* hostileArguments(right: readonly unknown[]): Generator<unknown[]> {
  for (const [i, argument] of right.entries()) {
    for (const value of hostileFor(argument)) yield right.with(i, value);
    if (Object.prototype.toString.call(argument) !== '[object Object]') continue;
    for (const [name, option] of Object.entries(argument as object)) {
      for (const value of hostileFor(option)) yield right.with(i, { ...(argument as object), [name]: value });
    }
  }
}
