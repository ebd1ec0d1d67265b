import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'data/', 'demo-data/', '**/*.cjs', '**/*.mjs', 'bin/'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'separate-type-imports' },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      'no-console': 'error',
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
      // Comments only: Prettier decides about code.
      'max-len': ['error', { code: 10_000, comments: 100, ignoreUrls: true }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'TSEnumDeclaration',
          message: 'Use a union of literals: enums are not erasable.',
        },
        {
          selector: 'ExportDefaultDeclaration',
          message: 'Named exports only: a name is searchable.',
        },
        {
          selector: 'ImportExpression:not([source.type="Literal"])',
          message: 'A computed import() is invisible to the import rules: name the module.',
        },
        {
          selector: 'MemberExpression[object.name="process"][property.name="env"]',
          message: 'Only src/config.ts reads the environment: take a value from the config.',
        },
        {
          selector:
            ':matches(ObjectExpression, ArrayExpression) > SpreadElement > :matches(ObjectExpression, ArrayExpression)',
          message: 'A literal inside a literal only saves lines: write its members themselves.',
        },
        {
          selector:
            'CallExpression[callee.object.name="process"][callee.property.name="kill"][arguments.1.value=0]',
          message:
            'Whether a process lives is asked in one place: files/process/is-process-alive.ts.',
        },
      ],
      'no-restricted-globals': [
        'error',
        ...['__dirname', '__filename'].map((name) => ({
          name,
          message: 'Modules are bundled into other folders: use files/process/built-file.ts.',
        })),
      ],
    },
  },
  {
    files: ['src/files/process/built-file.ts', 'test/**', 'bench/**'],
    rules: { 'no-restricted-globals': 'off' },
  },
  {
    files: ['src/config.ts', 'src/files/process/is-process-alive.ts', 'src/workers/thread-pool.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['test/**', 'bench/**'],
    rules: { 'max-lines-per-function': 'off', 'no-restricted-syntax': 'off', 'no-console': 'off' },
  },
  {
    // AssemblyScript: its integers have 64 bits, and its type assertions convert them.
    files: ['src/images/jpeg/assembly/**'],
    rules: {
      'no-loss-of-precision': 'off',
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
    },
  },
);
