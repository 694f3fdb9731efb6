export { COMMANDS, main } from './main.ts'
export { backendNamed, registry, trustNamed, verifierNamed } from './run/installed.ts'
export { type Leak, LeakSearch } from './run/leak-search.ts'
export { type ChannelTraffic, type ExitCounts, RunSummary, type Stopped } from './run/run-summary.ts'
export {
  type LeakReport,
  type RunObserver,
  type RunOptions,
  type RunResult,
  runWorkflow,
  seedOf,
} from './run/run-workflow.ts'
export { type ExitCode, Terminal, UsageError } from './terminal.ts'
export { type BuildChanges, type BuiltGroup, type BuiltPeer, buildGroup, compileGroup } from './workflow/build-group.ts'
export { expectationsOf } from './workflow/expectations.ts'
export { type LoadedWorkflow, loadWorkflow } from './workflow/load-workflow.ts'
