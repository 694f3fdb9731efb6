import { relative } from 'node:path'
import { filesBelow, type Json, jsonOf, records, textOf } from './files.ts'
import { checkGroupMembers } from './group-members.ts'
import { checkIndexTable } from './index-table.ts'
import { checkRecordedTokens } from './recorded-tokens.ts'
import { checkReferenceValues } from './reference-values.ts'
import { checkSingleTokens } from './single-tokens.ts'
import type { Outcome } from './vector.ts'

type Check = (file: string, json: Json, label: (path: string) => string) => readonly Outcome[]

/**
 * Checks every vector below a folder. An expectation file is known by its form, not by its name: JSON with a list of
 * files and what each must give, or a Markdown table that starts with the columns `file` and `what`.
 */
export async function checkFolder(folder: string): Promise<readonly Outcome[]> {
  const label = (path: string): string => relative(folder, path)
  const outcomes = filesBelow(folder).map(async (file) => {
    if (file.endsWith('.md')) return isIndex(file) ? checkIndexTable(file, label) : []
    const json = file.endsWith('.json') ? jsonOf(file) : undefined
    const check = json === undefined ? undefined : checkOf(json)
    return json === undefined || check === undefined ? [] : check(file, json, label)
  })
  return (await Promise.all(outcomes)).flat()
}

/** What an expectation file is about, by the members that its entries have. */
function checkOf(json: Json): Check | undefined {
  const [vector] = records(json['vectors'])
  if (vector !== undefined && 'verdict' in vector) return 'token' in vector ? checkReferenceValues : checkSingleTokens
  const [member] = records(json['members'])
  if (member !== undefined && 'host' in member && 'file' in member) return checkGroupMembers
  const [token] = records(json['tokens'])
  if (token !== undefined && 'challenge' in token && 'file' in token) return checkRecordedTokens
  return undefined
}

const isIndex = (file: string): boolean => /^\|\s*file\s*\|\s*what\s*\|/m.test(textOf(file) ?? '')
