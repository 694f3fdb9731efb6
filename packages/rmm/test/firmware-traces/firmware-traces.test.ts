import { describe, expect, test } from 'vitest'
import { isSupported, replay } from './replay.ts'
import { readTraces, TRACE_FOLDER } from './trace.ts'

/** Recordings that use nothing but what this monitor has; of the others the part before the first such call is run. */
const COMPLETE = [
  '01-version-features',
  '02-unknown-fids',
  '03-granule-delegate',
  '04-granule-in-use',
  '05-realm-lifecycle',
  '06-realm-create-params',
  '08-realm-activate-destroy',
  '09-rtt-create',
  '10-rtt-destroy',
  '12-rtt-read-entry',
  '13-data-create',
  '14-rtt-init-ripas',
  '18-unprotected-map',
  '19-rec-create',
  '20-rec-create-mpidr',
  '26-rsi-misc',
  '27-rsi-measurement-sha512',
  '36-rec-destroy-reuse',
  '37-run-page-write-fault',
  '39-attest-token-sha256-rem',
  '39-attest-token-sha256',
  '39-attest-token-sha512',
  '43-unused-registers',
]

const traces = readTraces().filter((trace) => Object.keys(trace.platform_cfg).length === 0)

describe.skipIf(traces.length === 0)(
  `recordings in ${traces.length === 0 ? `${TRACE_FOLDER} (absent)` : 'the folder'}`,
  () => {
    test.each(traces.map((trace) => [trace.name, trace] as const))('%s is answered call for call', (name, trace) => {
      const { calls, differences } = replay(trace)
      expect(differences.slice(0, 5)).toEqual([])
      if (COMPLETE.includes(name)) expect(calls).toBe(trace.calls.length)
      else expect(calls).toBeLessThanOrEqual(trace.calls.length)
    })

    test('with the extension exactly one recorded call differs: the function that it adds to the recorded range', () => {
      const differences = traces.flatMap((trace) =>
        replay(trace, true).differences.map((text) => `${trace.name} ${text}`),
      )
      expect(differences).toHaveLength(1)
      expect(differences[0]).toMatch(/^02-unknown-fids call 3 .*result is \["0x1",/)
    })

    test('every recording that needs nothing more is in the list of complete ones', () => {
      const complete = traces.filter((trace) => trace.calls.every(isSupported)).map((trace) => trace.name)
      expect(complete.filter((name) => !COMPLETE.includes(name))).toEqual([])
    })
  },
)
