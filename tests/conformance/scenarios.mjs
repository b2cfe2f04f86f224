// Which scenarios the suite requires, read off what `conformance list` prints.

/**
 * The scenarios of a leg: the ones that count towards conformance, and those that the suite runs
 * with them without scoring them.
 */
export function scenarios(listing, leg) {
  const scored = [];
  const unscored = [];
  let section;
  for (const line of listing.split("\n")) {
    const heading = line.match(/^(Server|Client) scenarios|^(Run and reported, but never scored)/);
    if (heading) {
      section = heading[2] ? "unscored" : heading[1].toLowerCase();
      continue;
    }
    const [, name, note] = line.match(/^ +- (\S+)(?: \[(.*)\])?$/) ?? [];
    if (name && section === leg) {
      scored.push(name);
    } else if (name && section === "unscored" && note === leg) {
      unscored.push(name);
    }
  }
  return { scored, unscored };
}
