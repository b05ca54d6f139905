// What a cancel costs: beside a worker that does nothing but one durable update, and as its sandbox grows.
import { ask, interleaved, median, must, ratio, say, timed, type Round } from './load.ts'
import { sandbox } from './sandbox.ts'
import { build, start } from './servers.ts'

const ROUNDS = 12
const SESSIONS = 250
const AT_ONCE = [1, 16]
/** Of the floor's, so much at least, by how many are at once. */
const LEAST: Record<number, number> = { 1: 0.75, 16: 0.6 }
const SMALL = 100
const LARGE = 100_000

await build()
const mock = await start('mock')
const opened = await start('mock', { as: 'opened' })
const floor = await start('floor')
try {
  const own = await sandbox(mock, 'own', { items: SESSIONS })

  const floorRound = async (atOnce: number): Promise<Round> => {
    await ask({ method: 'POST', url: `${floor.url}/seed/${SESSIONS}`, expect: 204 })
    const calls = Array.from({ length: SESSIONS }, (_, id) => `${floor.url}/session/${id}?action=cancel`)
    return timed(
      calls.map((url) => () => ask({ method: 'POST', url, expect: 204 })),
      atOnce,
    )
  }
  for (const atOnce of AT_ONCE) {
    const [floors = [], mocks = []] = await interleaved(ROUNDS, [() => floorRound(atOnce), () => own.cancels(atOnce)])
    say(`\ncancel, ${atOnce} at once, ${ROUNDS} rounds of ${SESSIONS}; a ratio of 1 is as good as the floor`)
    report('floor', floors)
    report('mock', mocks)
    const ratios = {
      perSecond: ratio(mocks, floors, 'perSecond'),
      p50: ratio(floors, mocks, 'p50'),
      p99: ratio(floors, mocks, 'p99'),
    }
    report('ratio', [ratios])
    const least = LEAST[atOnce] ?? 1
    for (const [name, value] of Object.entries(ratios)) must(value >= least, `${name} is below ${least} of the floor`)
  }

  const small = await sandbox(opened, 'small', { items: SESSIONS, crowd: SMALL })
  const large = await sandbox(opened, 'large', { items: SESSIONS, crowd: LARGE })
  for (const atOnce of AT_ONCE) {
    const [few = [], many = []] = await interleaved(ROUNDS, [() => small.cancels(atOnce), () => large.cancels(atOnce)])
    say(`\ncancel, ${atOnce} at once, as the sandbox grows`)
    report(`${SMALL} sessions`, few)
    report(`${LARGE} sessions`, many)
    const growth = ratio(many, few, 'p50')
    say(`growth of p50 ${growth.toFixed(2)}`)
    must(growth <= 1.2, 'p50 grows by more than 1.2')
  }
} finally {
  await Promise.all([mock.stop(), opened.stop(), floor.stop()])
}

function report(name: string, rounds: Round[]): void {
  const of = (key: keyof Round) => median(rounds.map((round) => round[key])).toFixed(2)
  say(
    `${name.padEnd(16)} ${of('perSecond').padStart(8)}/s   p50 ${of('p50').padStart(6)}   p99 ${of('p99').padStart(6)}`,
  )
}
