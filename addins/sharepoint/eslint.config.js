const reactProfile = require('@microsoft/eslint-config-spfx/lib/flat-profiles/react');

module.exports = [
  // Bundled out of addins/shared, where other rules have read it.
  { ignores: ['src/jellybean/**'] },
  ...reactProfile,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { tsconfigRootDir: __dirname, project: './tsconfig.json' } },
    rules: {
      // The house says null for what is known to be absent, and reads from the outside in.
      '@rushstack/no-new-null': 'off',
      '@typescript-eslint/no-use-before-define': 'off',
    },
  },
];
