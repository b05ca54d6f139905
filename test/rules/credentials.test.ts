import { expect, it } from 'vitest'
import { isAllowed, passwordOf } from '../../src/rules/credentials.ts'

it.each([
  ['any user', 'ada', 'x', '', true],
  ['no user without a name', '', 'x', '', false],
  ['no user without a password', 'ada', '', '', false],
  ['a name of 255 bytes', 'a'.repeat(255), 'x', '', true],
  ['a name that no path leads to', '..', 'x', '', false],
  ['no name of 256 bytes', 'a'.repeat(256), 'x', '', false],
  ['no name of 256 bytes and 128 characters', 'ü'.repeat(128), 'x', '', false],
  ['no name with half of a character', 'a\ud800', 'x', '', false],
  ['who is named', 'ada', 'x', 'ada:x', true],
  ['who is named last', 'grace', 'y', 'ada:x,grace:y', true],
  ['no user who is not listed', 'eve', 'x', 'ada:x,grace:y', false],
  ['no user with the password of another', 'ada', 'y', 'ada:x,grace:y', false],
  ['a password with a colon', 'ada', 'x:y', 'ada:x:y', true],
  ['a user who fits a pattern', 'ci-1234', 'x', 'ada:y,ci-*:x', true],
  ['who fits several patterns, with the password of any', 'ci-1', 'y', 'ci-*:x,*:y', true],
  ['no user who does not fit it', 'dev-1', 'x', 'ci-*:x', false],
  ['no user with a longer password', 'ada', 'xy', 'ada:x', false],
  ['no user with a password that repeats it', 'ada', 'xx', 'ada:x', false],
  ['no user with a shorter password', 'ada', 'x', 'ada:xy', false],
  ['a password with a dollar sign', 'ada', 'x$y$', 'ada:x$y$', true],
  ['a password beyond ASCII', 'ada', 'päß🔑', 'ada:päß🔑', true],
  ['a password with a comma, in JSON', 'ada', 'x,eve:y', '{"ada":"x,eve:y"}', true],
  ['no user by a part of a password in JSON', 'eve', 'y', '{"ada":"x,eve:y"}', false],
  ['no user whose name and password merely add up', 'ad', 'a:x', 'ada:x', false],
  ['no user by a part of the list', 'ada', 'x,grace:y', 'ada:x,grace:y', false],
])('who may log in is %s', (_, user, password, configured, allowed) => {
  expect(isAllowed({ user, password }, configured)).toBe(allowed)
})

it.each([
  ['ada', 'ada:x', 'x'],
  ['grace', 'ada:x,grace:y', 'y'],
  ['ad', 'ada:x,ad:z', 'z'],
  ['eve', 'ada:x', 'pass'],
  ['ada', '', 'pass'],
  ['ci-7', 'ada:x,ci-*:z', 'z'],
  ['ada', '{"ada":"x,y"}', 'x,y'],
])('the password that lets %s in, of those in %j, is %j', (user, configured, password) => {
  expect(passwordOf(user, configured)).toBe(password)
})
