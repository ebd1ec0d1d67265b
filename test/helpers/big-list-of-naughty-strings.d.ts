/** The package has no types: it is one JSON file. */
declare module 'big-list-of-naughty-strings' {
  const strings: readonly string[];
  export default strings;
}
