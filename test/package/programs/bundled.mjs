/** For bundlers: prints the checksum of a file. */

import { checksum } from 'sluice';

checksum(process.argv[2]).then(({ hex }) => console.log(hex));
