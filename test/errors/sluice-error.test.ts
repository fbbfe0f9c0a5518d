import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../lib/errors/errors.js';

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
