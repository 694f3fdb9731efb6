/** An assertion that a mistake breaks, and the shortest path that shows it: one step an entry. */
export interface Violation {
  readonly assertion: string
  readonly path: readonly string[]
}

/** A change of a case that its author must not get away with. */
export interface Mistake {
  /** What somebody might think. */
  readonly because: string
  /** In this file; the case's own if there is none. */
  readonly file?: string
  readonly replace: string
  readonly by: string
  readonly violated: readonly Violation[]
}

/** A workflow that is worth reading, with the mistake that is nearest. */
export interface Case {
  /** Path from the folder of the policies. */
  readonly file: string
  readonly mistake: Mistake
}

const NIC_OF_NET = ['net writes nic', 'host reads nic, which is unprotected']
const NIC_OF_GATE = ['gate writes nic', 'host reads nic, which is unprotected']

/** In the order of the README. */
export const CASES: readonly Case[] = [
  {
    file: 'networking-service.mica',
    mistake: {
      because: 'somebody wants to know how much the service is used',
      replace: '  channel nic ',
      by: '  gateway peer meter image "meter.ts"\n  channel usage net -> meter 4 KiB\n  channel totals meter -> host 4 KiB\n  channel nic ',
      violated: [
        { assertion: 'leakers are net', path: ['meter writes totals', 'host reads totals, which is unprotected'] },
      ],
    },
  },
  {
    file: 'networking-client.mica',
    mistake: {
      because: 'the client prints to a console while it is being written',
      replace: '  channel svc_1',
      by: '  transition app { call host_call: allow }\n  channel svc_1',
      violated: [
        {
          assertion: 'app reaches host only via net',
          path: ['app tells host something in a transition that is allowed'],
        },
      ],
    },
  },
  {
    file: '../video-moderation/pipeline.mica',
    mistake: {
      because: 'a preview does not wait for moderation',
      replace: 'encoder -> moderator',
      by: 'encoder -> (moderator, gate)',
      violated: [
        {
          assertion: 'raw reaches host only via moderator',
          path: ['encoder reads raw', 'encoder writes coded', 'gate reads coded', ...NIC_OF_GATE],
        },
        {
          assertion: 'encoder reaches gate only via moderator',
          path: ['encoder writes coded', 'gate reads coded'],
        },
      ],
    },
  },
  {
    file: 'guarded-llm.mica',
    mistake: {
      because: 'answers are streamed: the filter is slow',
      replace: '  channel nic',
      by: '  channel stream model -> gate 64 KiB\n  channel nic',
      violated: [
        {
          assertion: 'isolated gate from model except via filter',
          path: ['model writes stream', 'gate reads stream'],
        },
        {
          assertion: 'model reaches host only via filter',
          path: ['model writes stream', 'gate reads stream', ...NIC_OF_GATE],
        },
      ],
    },
  },
  {
    file: 'agent.mica',
    mistake: {
      because: 'the model looks things up by itself',
      replace: '  channel nic',
      by: '  channel fetch model <-> net 16 KiB\n  channel nic',
      violated: [
        {
          assertion: 'model reaches host only via agent',
          path: ['model writes fetch', 'net reads fetch', ...NIC_OF_NET],
        },
        {
          assertion: 'host reaches model only via agent',
          path: ['host writes nic, which is unprotected', 'net reads nic', 'net writes fetch', 'model reads fetch'],
        },
      ],
    },
  },
  {
    file: 'guarded-agent.mica',
    mistake: {
      because: 'the model reads the pages that the agent asked for, straight from the network',
      replace: '  channel nic',
      by: '  channel pages net -> model 64 KiB\n  channel nic',
      violated: [
        {
          assertion: 'isolated agent from model except via guardrails',
          path: ['agent writes act', 'net reads act', 'net writes pages', 'model reads pages'],
        },
        {
          assertion: 'host reaches model only via guardrails',
          path: ['host writes nic, which is unprotected', 'net reads nic', 'net writes pages', 'model reads pages'],
        },
      ],
    },
  },
  {
    file: 'ryoan.mica',
    mistake: {
      because: 'the geneticists are faster when they know what the scan shows',
      replace: '  channel nic',
      by: '  channel hint imaging -> genetics 4 KiB\n  channel nic',
      violated: [
        {
          assertion: 'isolated imaging from genetics except via clinic',
          path: ['imaging writes hint', 'genetics reads hint'],
        },
      ],
    },
  },
  {
    file: 'plug-in-enclave.mica',
    mistake: {
      because: 'a function that patches the runtime is convenient',
      file: 'patterns.mica',
      replace: 'any: read execute',
      by: 'any: read write execute',
      violated: [
        {
          assertion: 'host never reaches provider',
          path: [
            'host may tell any of runtime_code',
            'any of runtime_code writes runtime_code',
            'provider reads runtime_code',
          ],
        },
        {
          assertion: 'host never reaches runtime_code',
          path: ['host may tell any of runtime_code', 'any of runtime_code writes runtime_code'],
        },
      ],
    },
  },
  {
    file: 'plug-in-function.mica',
    mistake: {
      because: 'the function caches compiled code next to the runtime',
      replace: 'function: read execute',
      by: 'function: read write execute',
      violated: [
        {
          assertion: 'host never reaches runtime_code',
          path: ['host writes nic, which is unprotected', 'function reads nic', 'function writes runtime_code'],
        },
      ],
    },
  },
  {
    file: 'elasticlave.mica',
    mistake: {
      because: 'a third component that nobody has chosen yet makes copies',
      file: 'patterns.mica',
      replace: 'helper: read write }',
      by: 'helper: read write, any(1): read }',
      violated: [
        {
          assertion: 'leakers are client',
          path: ['sorter writes table_region', 'any of table_region reads table_region'],
        },
        {
          assertion: 'table_region reaches host only via client',
          path: ['any of table_region reads table_region', 'any of table_region may tell host'],
        },
      ],
    },
  },
  {
    file: 'veil.mica',
    mistake: {
      because: 'the keeper makes its own backups',
      replace: '  peer keeper',
      by: '  channel backup keeper -> host 16 KiB\n  gateway peer keeper',
      violated: [
        {
          assertion: 'leakers are server',
          path: ['keeper writes backup', 'host reads backup, which is unprotected'],
        },
        {
          assertion: 'isolated keeper from host except via server',
          path: ['keeper writes backup', 'host reads backup, which is unprotected'],
        },
      ],
    },
  },
]
