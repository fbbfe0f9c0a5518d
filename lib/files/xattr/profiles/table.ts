import { human } from './human.js';
import type { ProfileFormat } from './profile.js';
import { sluice } from './sluice.js';
import { storm } from './storm.js';
import { xrdcks } from './xrdcks.js';

/** A way to keep checksums in a file's attributes; docs/stored-checksums.md describes each. */
export type Profile = 'sluice' | 'storm' | 'xrdcks' | 'human';

export const formats: Readonly<Record<Profile, ProfileFormat>> = { sluice, storm, xrdcks, human };

/** The profiles there are. */
export const profiles: readonly Profile[] = Object.keys(formats) as Profile[];
