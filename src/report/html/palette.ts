/** The colours of the report and of the pages of `serve`, light and dark. */

export const PALETTE = `:root {
  color-scheme: light dark;
  --page: #ffffff; --text: #1b1f24; --quiet: #57606a; --line: #d0d7de; --soft: #f3f5f7;
  --link: #0550ae; --bar: #2f6feb; --bad: #b42318; --good: #17692c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14181d; --text: #e6eaef; --quiet: #a3adb8; --line: #3a434d; --soft: #1e242b;
    --link: #86b6ff; --bar: #6ea2ff; --bad: #ff9d91; --good: #7ed492;
  }
}
`;
