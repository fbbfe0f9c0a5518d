import { describe, expect, it } from 'vitest';
import { concernsOneFile, SluiceError } from '../../lib/errors/errors.js';

describe('the message of an error', () => {
  it('is its reason and the remedy of its code', () => {
    const error = new SluiceError('ERR_SLUICE_NOT_FOUND', 'data.root does not exist');
    expect(error).toMatchObject({ reason: 'data.root does not exist', remedy: 'Check the path.' });
    expect(error.message).toBe('data.root does not exist. Check the path.');
  });

  it('may have more than one sentence in its reason, even that of its remedy', () => {
    const reason = 'It was said. Check the path. It did not help';
    const error = new SluiceError('ERR_SLUICE_NOT_FOUND', reason);
    expect(error.reason).toBe(reason);
    expect(error.message).toBe(`${reason}. Check the path.`);
  });
});

it('an error concerns one file if the command line goes on with others behind it', () => {
  expect(concernsOneFile(new SluiceError('ERR_SLUICE_NOT_FOUND', 'It is so'))).toBe(true);
  for (const code of ['ERR_SLUICE_OPTION', 'ERR_SLUICE_KERNEL_ENGINE', 'ERR_SLUICE_ABORTED'] as const)
    expect(concernsOneFile(new SluiceError(code, 'It is so'))).toBe(false);
  expect(concernsOneFile(new TypeError('It is so'))).toBe(false);
});
