/** Names on standard error, as GNU's programs quote them: for a shell, and so that nothing steers the terminal. */

const escapes: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
};

/** What a terminal does not show, as the C library's iswprint() tells in UTF-8. */
const unprintable = String.raw`[\p{Cc}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]`;
const visible = new RegExp(`^(?!${unprintable})`, 'u');
const runs = new RegExp(`${unprintable}+|(?:(?!${unprintable}).)+`, 'gsu');
const plain = new RegExp(`^(?:(?!${unprintable})[^ !"$&'()*:;<=>?[\\\\^\`|])+$`, 'u');
/** A name with apostrophes, and with nothing that double quotes would not keep from the shell. */
const apostrophes = new RegExp(`^[#~]?(?:(?!${unprintable})[^!"#$&()*;<=>?[\\\\^\`{|}~])*$`, 'u');

function octal(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

/** A name as it is where a shell would take it so, and quoted where not: 'a b', 'a'$'\n''b', "it's". */
export function quoteName(name: string): string {
  if (plain.test(name) && !/^[#~]|^[{}]$/.test(name)) return name;
  if (name.includes("'") && apostrophes.test(name)) return `"${name}"`;
  let text = "'";
  let open = true;
  for (const run of name.match(runs) ?? []) {
    if (visible.test(run)) {
      text += `${open ? '' : "'"}${run.replaceAll("'", "'\\''")}`;
    } else {
      const codes = Array.from(run, (character) => escapes[character] ?? octal(character));
      text += `'$'${codes.join('')}'`;
    }
    open = visible.test(run);
  }
  return open ? `${text}'` : text;
}
