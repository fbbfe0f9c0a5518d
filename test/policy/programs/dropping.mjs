/** Loads and drops its capabilities, and prints the code and message of the error. */

import { loadAndDropCapabilities } from 'sluice';

try {
  loadAndDropCapabilities();
} catch (error) {
  console.log(error.code, error.message);
}
