/**
 * A workflow of any size, as text: open gateways, each followed by seven strict peers in a row that ends at the next
 * one, and each of those with a channel back.
 *
 * @param peers How many; each has two channels.
 * @param assertions How many, spread over the workflow. All of them hold.
 */
export function pipelines(peers: number, assertions: number): string {
  const lines = ['workflow mesh {', '  version 1']
  const isGateway = (index: number): boolean => index % 8 === 0
  for (let index = 0; index < peers; index++) {
    lines.push(`  ${isGateway(index) ? 'open gateway ' : ''}peer p${index} image "realms/p${index}.ts"`)
  }
  for (let index = 0; index < peers; index++) {
    lines.push(`  channel c${index} p${index} -> p${(index + 1) % peers} 64 KiB`)
    if (isGateway(index)) lines.push(`  channel nic${index} p${index} <-> host 16 KiB`)
    else lines.push(`  channel back${index} p${index} -> p${index - (index % 8)} 4 KiB`)
  }
  for (let index = 0; index < assertions; index++) {
    const first = 8 * Math.floor((index * peers) / 8 / assertions) + 1
    lines.push(`  assert p${first} reaches p${first + 2} only via p${first + 1}`)
  }
  return [...lines, '}'].join('\n')
}
