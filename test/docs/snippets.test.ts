// The tests of consumers and verifiers that docs/ shows are those that `npm run test:clients` runs.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { block } from '../clients/page.ts'

it.each([
  { page: 'provider-states', heading: 'From the JVM', language: 'java', path: 'consumers/java/CancelTest.java' },
  { page: 'provider-states', heading: 'From Go', language: 'go', path: 'go/pact/consumer_test.go' },
  { page: 'provider-states', heading: 'From Python', language: 'python', path: 'consumers/consumer.py' },
  { page: 'provider-states', heading: 'From JavaScript', language: 'ts', path: 'consumers/consumer.ts' },
  { page: 'verifiers', heading: 'The library for Go', language: 'go', path: 'go/pact/verifier_test.go' },
])('the page $page shows $path', ({ page, heading, language, path }) => {
  expect(block(page, heading, language)).toBe(readFileSync(`test/clients/${path}`, 'utf8'))
})
