import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { malformed, type Outcome, oneLine } from '../outcome.ts'
import { firstDifference } from '../trace/difference.ts'
import { checkOurs } from './check-ours.ts'
import { checkRecorded } from './check-recorded.ts'
import { TOKEN_DESCRIPTIONS, type TokenDescription, type TokenDescriptions } from './description.ts'

/**
 * Checks every token that a file describes: that the recorded bytes are as described, and that our monitor makes the
 * same of the same inputs.
 *
 * @param folder Where the file is, and the tokens beside it.
 */
export function checkTokens(json: unknown, folder: string): Outcome {
  const problem = TOKEN_DESCRIPTIONS(json, '')
  if (problem !== undefined) return malformed('tokens', problem)
  const { platform_key, tokens } = json as TokenDescriptions
  const pem = platform_key === undefined ? undefined : join(folder, platform_key.pem_file)
  const platformKey = pem !== undefined && existsSync(pem) ? readFileSync(pem, 'utf8') : undefined
  const problems = tokens.map((token) => tokenProblem(token, folder, platformKey))
  return {
    tallies: { tokens: { equal: problems.filter((each) => each === undefined).length, total: tokens.length } },
    problem: problems.find((each) => each !== undefined),
  }
}

function tokenProblem(token: TokenDescription, folder: string, platformKey: string | undefined): string | undefined {
  try {
    const bytes = Uint8Array.from(readFileSync(join(folder, token.file)))
    const difference = firstDifference((compare) => {
      checkRecorded(compare, token, bytes, platformKey)
      checkOurs(compare, token, bytes)
    })
    if (difference === undefined) return undefined
    return `${token.file}: ${difference.field} is ${difference.is}, recorded ${difference.recorded}`
  } catch (error) {
    return `${token.file}: ${oneLine(error)}`
  }
}
