import { createConnection } from 'vscode-languageserver/node'
import { serve } from './server.ts'

serve(createConnection(process.stdin, process.stdout))
