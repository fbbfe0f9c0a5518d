/** Loads and drops its capabilities, and prints the code and message of the error. */

import { loadAndDropCapabilities } from '../../../dist/index.js';

try {
  loadAndDropCapabilities();
} catch (error) {
  console.log(error.code, error.message);
}
