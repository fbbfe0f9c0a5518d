import type { SluiceErrorCode } from '../errors/codes.js';
import { codeFor } from '../errors/errno.js';
import type { SluiceError } from '../errors/errors.js';
import { fromErrno } from './from-errno.js';
import { systemErrorName } from './system-error.js';

const sentences: Readonly<Partial<Record<SluiceErrorCode, (name: string) => string>>> = {
  ERR_SLUICE_BAD_DESCRIPTOR: (name) => `The attribute ${name} is asked of no open descriptor`,
  ERR_SLUICE_NO_ATTRIBUTES: (name) => `The file system has no place for the attribute ${name}`,
  // Of the disk; or ext4 keeps all attributes of a file in its inode and one block.
  ERR_SLUICE_NO_SPACE: (name) => `There is no room for the attribute ${name}`,
  // Empty, or longer than 255 bytes.
  ERR_SLUICE_OPTION: (name) => `${JSON.stringify(name)} is no attribute's name: 1 to 255 bytes are`,
  // Besides: an immutable file, and what is neither file nor directory has no user attributes.
  ERR_SLUICE_PERMISSION: (name) => `The attribute ${name} may not be read or changed by this user`,
};

/**
 * The error for an attribute that could not be read or changed.
 *
 * @param calls of which one failed with `errno`
 */
export function attributeFailure(
  errno: number,
  name: string,
  calls: string | readonly string[],
): SluiceError {
  const code = codeFor(errno, 'attribute');
  const sentence = sentences[code]?.(name) ?? `The attribute ${name} could not be read or changed`;
  return fromErrno(errno, `${sentence} (${systemErrorName(errno)})`, { attribute: name, code, calls });
}
