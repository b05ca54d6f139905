import { describe, expect, it } from 'vitest'
import { isNamed, matchFaults, type Fault } from '../../src/rules/fault.ts'

const CANCEL = 'com.vmware.content.library.item.update_session.cancel'

const ALWAYS = { id: 'f', operation: '*', skip: 0, probability: 1, seen: 0, applied: 0 }
const aFault = (given: Partial<Fault> = {}): Fault => ({ ...ALWAYS, ...given })

/** To which of a row of equal requests the fault is applied. */
function appliedOf(fault: Fault, count: number, random = () => 0): boolean[] {
  let faults = [fault]
  return Array.from({ length: count }, () => {
    const asked = { operation: CANCEL, input: { update_session_id: 's-1' } }
    const { after, fault: applied } = matchFaults(faults, asked, random)
    faults = after
    return applied !== undefined
  })
}

describe('a fault', () => {
  it.each([
    ['always', {}, [true, true, true, true]],
    ['twice', { times: 2 }, [true, true, false, false]],
    ['after the first', { skip: 1 }, [false, true, true, true]],
    ['once, after two', { skip: 2, times: 1 }, [false, false, true, false]],
    ['never', { probability: 0 }, [false, false, false, false]],
  ])('is applied %s', (_, given, expected) => {
    expect(appliedOf(aFault(given), 4)).toEqual(expected)
  })

  it('is applied when chance is below its probability', () => {
    const chances = [0.1, 0.49, 0.5, 0.9]

    expect(appliedOf(aFault({ probability: 0.5 }), 4, () => chances.shift() ?? 1)).toEqual([true, true, false, false])
  })

  it.each([
    [{ update_session_id: 's-1' }, true],
    [{ update_session_id: 's-2' }, false],
    [{ file_spec: { name: 'a' } }, false],
    [{ update_session_id: null }, false],
    [{}, true],
  ])('that matches %j is applied: %s', (match, expected) => {
    expect(appliedOf(aFault({ match }), 1)).toEqual([expected])
  })

  it.each([
    [{ file_spec: { name: 'disk.vmdk', source_type: 'PUSH' } }, { file_spec: { name: 'disk.vmdk' } }, 'f'],
    [{ file_spec: null }, { file_spec: { name: 'disk.vmdk' } }, undefined],
    [{ file_spec: null }, { file_spec: null }, 'f'],
    [{ file_spec: 'disk.vmdk' }, { file_spec: { name: 'disk.vmdk' } }, undefined],
  ])('finds in %j, where %j is asked for: %s', (input, match, id) => {
    expect(matchFaults([aFault({ match })], { operation: 'add', input }, () => 0).fault?.id).toBe(id)
  })

  it('gives way to the one before it, and takes over when that is spent', () => {
    const faults = [aFault({ id: 'first', times: 1 }), aFault({ id: 'second' })]
    const once = matchFaults(faults, { operation: CANCEL, input: {} }, Math.random)
    const twice = matchFaults(once.after, { operation: CANCEL, input: {} }, Math.random)

    expect([once.fault?.id, twice.fault?.id]).toEqual(['first', 'second'])
  })

  it.each([
    ['cancel', true],
    ['update_session.cancel', true],
    ['session.cancel', false],
    [CANCEL, true],
    ['*', true],
    ['update_session.*', true],
    ['library.*.cancel', true],
    ['complete', false],
    ['update_session.c', false],
    ['update.session.cancel', false],
  ])('for %s is applied to the cancel of an update session: %s', (asked, expected) => {
    expect(isNamed(CANCEL, asked)).toBe(expected)
  })
})
