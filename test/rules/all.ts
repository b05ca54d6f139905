// Every test of the rules in one file, for the mutation test (vitest.config.ts).
import.meta.glob('./*.test.ts', { eager: true })
