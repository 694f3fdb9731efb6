/**
 * What each word of the language means, in a line. Words that mean something only in their place, and may be names
 * elsewhere, are among them.
 */
export const VOCABULARY: ReadonlyMap<string, string> = new Map(
  Object.entries({
    workflow:
      'The global view: who takes part, which channels exist, what must be true. It is projected to one policy per peer.',
    policy: "One tenant's own view, written without seeing the others': `policy NAME for PEER { … }`.",
    for: 'Whose policy it is.',
    import: 'Brings the constants, peers and patterns of another file of the project.',
    pattern: 'Items to be used again and again: `pattern NAME(a, b, size) { … }`.',
    use: 'The items of a pattern under names of their own: `use PATTERN(a, 64 KiB) as NAME` makes `NAME_item`.',
    as: 'What the names of the items begin with.',
    let: 'Names a number or a size: `let FRAME = 256 KiB`.',
    version: 'Information for people and logs. It is never a reason to admit anyone.',
    trusted: 'The author takes responsibility for its code. Affects reports only, never enforcement.',
    gateway: 'May have unprotected memory, which the host can read and write.',
    open: 'May hold channels that are not listed here. Without it a peer is strict.',
    peer: 'A component: `[trusted] [gateway] [open] peer NAME image "…"`.',
    image: 'The source module of its image. Its measurement is its identity.',
    rim: 'The initial measurements that are accepted as this peer.',
    or: 'Another measurement that is accepted, which is how a newer build takes the place of an older one.',
    label: 'The number by which the `poly-v1` target knows the peer.',
    rpv: 'A personalization value of up to 64 bytes: tells replicas apart and authenticates nothing.',
    channel: 'Shared memory whose arrow is the rights: the tail writes, the head reads. `channel NAME A -> B SIZE`.',
    memory:
      'Shared memory with rights that an arrow cannot say: `memory NAME protected SIZE { A: read write, B: read }`.',
    any: 'Components that the file does not name: `any(n)` is up to n of them in one memory.',
    each: '`each any(n)`: n memories, `NAME_1` to `NAME_n`, for one unnamed component each.',
    host: 'The untrusted side. A channel with it is unprotected memory, opposite a named gateway.',
    read: 'May see what is in the memory.',
    write: 'May change what is in the memory.',
    execute: 'May run what is in the memory.',
    owner: 'May revoke the memory.',
    protected: 'Memory that the host cannot reach.',
    unprotected: 'Memory that the host can read and write. It is never executable.',
    at: 'An address, counted from the start of its half of the address space. Without it the place follows from the name.',
    paced: 'The reader may say "one more slot" through the monitor: a way back, which assertions count.',
    transition: 'What may cross from a peer to the host. What is not listed is blocked.',
    call: 'Function ids of SMCs.',
    exception: 'Exception classes.',
    interrupt: 'INTIDs that the host may make pending.',
    allow: 'It happens, and the host sees its registers: a flow between the peer and the host.',
    scrub: 'It happens, and the host sees that it did and nothing else.',
    block: 'It does not happen.',
    assert: 'What must be true of the flows: checked here, by the verifier, and named in every policy.',
    reaches: 'Data of the one can come to the other on some path.',
    never: 'On no path.',
    only: 'Some path exists, and every one passes what `via` names.',
    via: 'What a path has to pass, or may.',
    except: 'Paths through what is named do not count.',
    acyclic: 'No peer reaches another and back. The host and what `except` names do not count.',
    isolated: 'Neither reaches the other.',
    from: 'What it is isolated from.',
    closed: 'No `any`, no `open` peer, and every peer has an identity.',
    gateways: '`gateways are X`: exactly these are gateways.',
    leakers: '`leakers are X`: exactly these could hand data to the host. They are what has to be trusted.',
    are: 'Exactly these, and no other.',
    none: 'Nobody.',
    quiet: 'It shows nothing but what every component must: no `allow`, one-way channels, not `paced`.',
    assuming: '`assuming NAME confined`: reports repeat the assumption.',
    confined: 'The `any` of that memory, or that open peer, is taken to do only what this file says.',
    B: 'Bytes.',
    KiB: '1024 bytes.',
    MiB: '1024 KiB.',
    GiB: '1024 MiB.',
  }),
)

export const UNITS: readonly string[] = ['KiB', 'MiB', 'GiB', 'B']
export const MEMORY_KINDS: readonly string[] = ['protected', 'unprotected']
export const TRANSITION_CLASSES = ['call', 'exception', 'interrupt'] as const
export const TRANSITION_ACTIONS: readonly string[] = ['allow', 'scrub', 'block']
