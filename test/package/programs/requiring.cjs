/** As importing.mjs, by require(). */

const { readFileSync } = require('node:fs');
const { checksum } = require('sluice');
const { openObject } = require('sluice/libbpf');

const [file, engine] = process.argv.slice(2);
checksum(file, { algorithms: ['crc32'], engine }).then(({ hex, backend }) => {
  const libraries = readFileSync('/proc/self/maps', 'utf8').match(/lib(bpf|elf|z)\.so/g) ?? [];
  console.log(JSON.stringify({ hex, backend, libraries, openObject: typeof openObject }));
});
