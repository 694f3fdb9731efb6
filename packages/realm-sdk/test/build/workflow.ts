import { RIGHT, type Workflow, type WorkflowMemory, type WorkflowPeer } from '@mica/policy'

const peer = (name: string, gateway = false): WorkflowPeer => ({
  name,
  gateway,
  strict: true,
  rims: [],
  trusted: gateway,
})

const oneWay = (name: string, from: number, to: number, ipaGranule: number): WorkflowMemory => ({
  name,
  kind: 'protected',
  granules: 4,
  mappings: [
    { peer: from, rights: RIGHT.write, ipaGranule },
    { peer: to, rights: RIGHT.read, ipaGranule },
  ],
  paced: false,
})

/** gate -> worker -> gate, and gate <-> host; the gate may make host calls. */
export const workflow: Workflow = {
  name: 'relay',
  peers: [peer('gate', true), peer('the-worker')],
  memories: [
    oneWay('raw', 0, 1, 512),
    oneWay('done', 1, 0, 1024),
    {
      name: 'nic',
      kind: 'unprotected',
      granules: 4,
      mappings: [{ peer: 0, rights: RIGHT.read | RIGHT.write, ipaGranule: 2048 }],
      paced: false,
    },
  ],
  transitions: [{ peer: 0, class: 'call', action: 'allow', ranges: [[0xc400_0199, 0xc400_0199]] }],
  assertions: [],
}
