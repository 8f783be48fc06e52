import { join } from 'node:path';

import eslint from '@eslint/js';
import jsdoc from 'eslint-plugin-jsdoc';
import rxjsX from 'eslint-plugin-rxjs-x';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Type-aware rules for everything, the stream rules of rxjs-x, documented exports in the product. */
export default defineConfig(
  globalIgnores(
    ['dist', 'coverage', '**/*.js', '**/*.cjs', '**/*.mjs'],
    'built and plain JavaScript',
  ),
  {
    files: ['**/*.ts'],
    extends: [
      eslint.configs.recommended,
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      rxjsX.configs.strict,
    ],
    languageOptions: {
      parserOptions: {
        project: ['spec/tsconfig.json', 'demo/playground/page/tsconfig.json'],
        tsconfigRootDir: join(import.meta.dirname, '../..'),
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'no-console': 'error',
      'rxjs-x/no-subject-unsubscribe': 'error',
      'rxjs-x/throw-error': 'error',
    },
  },
  {
    files: ['lib/**/*.ts', 'streams/**/*.ts'],
    rules: {
      'rxjs-x/finnish': [
        'error',
        {
          functions: false,
          methods: false,
          strict: false,
          types: {
            DetectSpeech: false,
            OperatorFunction: false,
            OutputProject: false,
            RoomProject: false,
          },
        },
      ],
    },
  },
  {
    files: ['lib/**/*.ts', 'streams/**/*.ts', 'operators/**/*.ts'],
    plugins: { jsdoc },
    rules: {
      'jsdoc/require-jsdoc': [
        'error',
        {
          publicOnly: true,
          require: { ClassDeclaration: true, FunctionDeclaration: true },
          contexts: ['TSInterfaceDeclaration', 'TSTypeAliasDeclaration', 'VariableDeclaration'],
        },
      ],
    },
  },
  {
    files: ['spec/**/*.ts', 'demo/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      'rxjs-x/no-ignored-subscription': 'off',
    },
  },
  { files: ['demo/**/*.ts', 'bench/**/*.ts'], rules: { 'no-console': 'off' } },
);
