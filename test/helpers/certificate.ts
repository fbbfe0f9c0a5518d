import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate for localhost that has signed itself, and its key: as files, and in PEM. */
export function certificateIn(folder: string): {
  certPath: string;
  keyPath: string;
  cert: Buffer;
  key: Buffer;
} {
  const [certPath, keyPath] = [join(folder, 'cert.pem'), join(folder, 'key.pem')] as const;
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  const of = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...of, '-keyout', keyPath, '-out', certPath], {
    stdio: 'ignore',
  });
  return { certPath, keyPath, cert: readFileSync(certPath), key: readFileSync(keyPath) };
}
