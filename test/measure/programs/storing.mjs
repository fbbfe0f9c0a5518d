/** Stores a calibration. Prints as JSON whether that could be done, and whether the process has it then. */

import { calibration, calibrationOf, storeCalibration } from '#lib/engine/calibration.js';

const fresh = calibrationOf([]);
console.log(JSON.stringify({ stored: storeCalibration(fresh), kept: calibration() === fresh }));
