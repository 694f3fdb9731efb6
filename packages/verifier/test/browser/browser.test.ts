import { generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundleForBrowser, WHOLE_PACKAGE } from './bundle.ts'
import { cases, groupCase } from './cases.ts'
import { defaultName, judgeAll, pack, signedResult, unpack } from './judged.ts'

/** The functions of `judged.ts` in a page, where its bundle left them. */
declare const mica: {
  readonly judgeAll: typeof judgeAll
  readonly defaultName: typeof defaultName
  readonly signedResult: typeof signedResult
}

const executablePath = process.env['MICA_CHROMIUM'] ?? '/usr/bin/chromium'
const quiet = ['gpu', 'quic', 'background-networking', 'component-update', 'sync'].map((what) => `--disable-${what}`)

describe('a bundle for browsers', () => {
  test('holds the whole package and nothing of Node', async () => {
    const script = await bundleForBrowser(WHOLE_PACKAGE)
    expect(/["'`]node:|\brequire\(/.exec(script)?.[0]).toBeUndefined()
    const [kib, zipped] = [script.length, gzipSync(script).length].map((size) => (size / 1024).toFixed(0))
    console.log(`@mica/verifier for browsers: ${kib} KiB, ${zipped} KiB compressed`)
    expect(script.length).toBeLessThan(512 * 1024)
  })
})

// A machine without a browser says so; where everything has to be shown, its absence is a failure.
const skipped = !existsSync(executablePath) && process.env['CI'] === undefined

describe.skipIf(skipped)(`in Chromium (skipped where there is no ${executablePath})`, () => {
  let server: Server
  let browser: Browser
  let page: Page
  const everything = pack(cases())

  beforeAll(async () => {
    const script = await bundleForBrowser("export * from './test/browser/judged.ts'")
    server = createServer((request, response) => {
      const [type, body] = request.url === '/mica.js' ? ['text/javascript', script] : ['text/html', '<!doctype html>']
      response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(body)
    })
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
    const args = ['--no-sandbox', '--no-first-run', ...quiet]
    browser = await chromium.launch({ executablePath, headless: true, args })
    page = await browser.newPage()
    // WebCrypto is for pages from a safe place only, which this machine itself is.
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`)
    await page.addScriptTag({ url: '/mica.js' })
  })

  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  test('noble is the implementation that is used, and node:crypto is in Node', async () => {
    expect(await page.evaluate(() => mica.defaultName())).toBe('noble')
    expect(defaultName()).toBe('node:crypto')
  })

  test.each([
    { by: 'noble', webCrypto: false },
    { by: 'WebCrypto', webCrypto: true },
  ])('every vector, report, set and manifest gives what it gives in Node, by $by', async ({ webCrypto }) => {
    const here = unpack(await judgeAll(everything, false))
    const there = await page.evaluate(([all, by]) => mica.judgeAll(all, by), [everything, webCrypto] as const)
    expect(unpack(there)).toEqual(here)
    expect(there.match(/"kind":"(accepted|read)"/g)?.length).toBeGreaterThan(10)
  })

  test('attestation results are signed and verified', async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const [secret, open] = [pair.privateKey, pair.publicKey].map((key) => JSON.stringify(key.export({ format: 'jwk' })))
    const argument = [pack([groupCase]), secret!, open!] as const
    const there = await page.evaluate(([all, own, known]) => mica.signedResult(all, own, known), argument)
    expect(there).toBe(await signedResult(...argument))
    expect(JSON.parse(there)).toMatchObject({ kind: 'ear' })
  })
})
