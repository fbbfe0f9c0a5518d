/** Whatever is handed to a function or method, on whatever it is called: it succeeds, or throws a SluiceError. */

import { beforeAll, describe, expect, it } from 'vitest';
import * as libbpf from '../../lib/libbpf/index.js';
import { SluiceError } from '../../lib/libbpf/index.js';
import { native } from '../../lib/native/index.js';
import { addon, constructors, functions, hash, link, objects, program } from './calls.js';
import { hostileArguments, hostileFor } from './hostile.js';

const exported = new Map<string, unknown>(Object.entries(libbpf));

/** Closes what the call gave; fails unless it gave something, or a SluiceError. */
async function outcome(call: () => unknown, what: () => string): Promise<void> {
  try {
    const result = await call();
    if (result instanceof Object && result !== link && 'close' in result)
      await (result.close as () => void)();
  } catch (error) {
    if (!(error instanceof SluiceError)) throw new Error(`${what()}: ${(error as Error).stack}`);
  }
}

/** Without running anything of the values. */
function listed(list: readonly unknown[]): string {
  return list
    .map((value) => (['object', 'function'].includes(typeof value) ? typeof value : String(value)))
    .join(', ');
}

function call(object: object, name: string | symbol, list: readonly unknown[]): unknown {
  const member: unknown = Reflect.getOwnPropertyDescriptor(object, name)?.set ?? Reflect.get(object, name);
  if (typeof member !== 'function') throw new Error(`${String(name)} is no method`);
  return Reflect.apply(member, object, list);
}

/** What the classes of an object define, or a class itself. */
function* members(object: object): Generator<[name: string | symbol, PropertyDescriptor]> {
  if (typeof object === 'function') {
    yield* Object.entries(Object.getOwnPropertyDescriptors(object));
    return;
  }
  for (
    let at = Object.getPrototypeOf(object);
    at && at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    for (const name of Reflect.ownKeys(at)) {
      if (name !== 'constructor')
        yield [name, Reflect.getOwnPropertyDescriptor(at, name) as PropertyDescriptor];
    }
  }
}

it('the table has every function there is', () => {
  const all = [...exported].flatMap(([name, value]) =>
    typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value)) ? [name] : [],
  );
  expect(Object.keys(functions).sort()).toEqual(all.sort());
});

// The statics named `of…` are for this package alone.
it('the table has every method that takes an argument', () => {
  for (const [object, methods] of Object.values(objects)) {
    for (const [name, { value }] of members(object)) {
      if (typeof value === 'function' && value.length > 0 && !/^of/.test(String(name)))
        expect(Object.keys(methods)).toContain(name);
    }
  }
});

describe('a hostile argument', () => {
  it.each(Object.entries(functions))('of %s is refused by a code', async (name, right) => {
    const called = exported.get(name) as (...list: unknown[]) => unknown;
    for (const list of hostileArguments(right))
      await outcome(
        () => called(...list),
        () => `${name}(${listed(list)})`,
      );
  });

  const table = {
    ...objects,
    ...Object.fromEntries(Object.entries(addon).map(([name, of]) => [`the addon's ${name}`, of])),
  };
  it.each(Object.entries(table))(
    'of a method of %s is refused by a code',
    async (title, [object, methods]) => {
      for (const [name, right] of Object.entries(methods)) {
        for (const list of hostileArguments(right)) {
          await outcome(
            () => call(object, name, list),
            () => `${title}.${name}(${listed(list)})`,
          );
        }
      }
    },
  );

  it.each(Object.entries(constructors))(
    "of the constructor of the addon's %s is refused by a code",
    async (name, right) => {
      const constructed = native[name as keyof typeof native] as new (...list: unknown[]) => object;
      for (const list of hostileArguments(right)) {
        await outcome(
          () => new constructed(...list),
          () => `new ${name}(${listed(list)})`,
        );
      }
    },
  );

  it('of a constructor that others do not call is refused by a code', async () => {
    for (const constructed of [libbpf.Btf, libbpf.BpfMap, libbpf.Link, libbpf.Program]) {
      for (const value of hostileFor(hash)) {
        await outcome(
          () => new (constructed as unknown as new (from: unknown) => object)(value),
          () => constructed.name,
        );
      }
    }
  });
});

describe('a method', () => {
  it.each(Object.entries(objects))('of %s refuses a hostile `this`', async (_, [object]) => {
    if (typeof object === 'function') return;
    for (const [name, property] of members(object)) {
      for (const value of hostileFor(object)) {
        for (const method of [property.value, property.get, property.set]) {
          if (typeof method !== 'function') continue;
          let refusal: unknown;
          try {
            Reflect.apply(method, value, []);
          } catch (error) {
            refusal = error;
          }
          expect([name, refusal instanceof SluiceError && refusal.code]).toEqual([name, 'ERR_SLUICE_OPTION']);
        }
      }
    }
  });
});

describe('what is closed', () => {
  beforeAll(async () => {
    for (const [object] of Object.values(objects))
      if ('close' in object) await (object.close as () => void)();
  });

  it.each(Object.entries(objects))(
    'answers each method of %s by success or by a code',
    async (title, [object, methods]) => {
      for (const [name, right] of Object.entries(methods)) {
        await outcome(
          () => call(object, name, right),
          () => `${title}.${name}`,
        );
      }
    },
  );

  it('is refused as an argument: a map, a program, a link', async () => {
    program.close();
    const codes = [
      () => libbpf.hashMap(hash).get(Buffer.alloc(4)),
      () => libbpf.attachRawTracepoint(program, 'sys_enter'),
      () => libbpf.readIterator(link),
    ].map((call) => {
      try {
        return call();
      } catch (error) {
        return (error as SluiceError).code;
      }
    });
    expect(codes).toEqual(Array(3).fill('ERR_SLUICE_CLOSED'));
  });
});
