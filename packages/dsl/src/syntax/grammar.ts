import type { CstNode, ParserMethod } from 'chevrotain'
import { RecoveringParser } from './recovery.ts'
import * as t from './tokens.ts'

type Rule = ParserMethod<[], CstNode>

/**
 * The grammar of a policy file, without meaning: names are not looked up and numbers are not read.
 *
 * It has no recursion, so no input makes the parser deep.
 */
export class MicaParser extends RecoveringParser {
  readonly file: Rule = this.RULE('file', () => {
    this.MANY(() => this.SUBRULE(this.fileItem))
  })

  readonly fileItem: Rule = this.RULE('fileItem', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.workflow) },
      { ALT: () => this.SUBRULE(this.policyView) },
      { ALT: () => this.SUBRULE(this.importFile) },
      { ALT: () => this.SUBRULE(this.pattern) },
      { ALT: () => this.SUBRULE(this.item) },
    ])
  })

  readonly workflow: Rule = this.RULE('workflow', () => {
    this.CONSUME(t.Workflow)
    this.CONSUME(t.Name)
    this.SUBRULE(this.body)
  })

  readonly policyView: Rule = this.RULE('policyView', () => {
    this.CONSUME(t.PolicyWord)
    this.CONSUME(t.Name)
    this.CONSUME(t.For)
    this.CONSUME1(t.Name)
    this.SUBRULE(this.body)
  })

  readonly importFile: Rule = this.RULE('importFile', () => {
    this.CONSUME(t.Import)
    this.CONSUME(t.StringToken)
  })

  readonly pattern: Rule = this.RULE('pattern', () => {
    this.CONSUME(t.Pattern)
    this.CONSUME(t.Name)
    this.CONSUME(t.LeftParen)
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.CONSUME1(t.Name) })
    this.CONSUME(t.RightParen)
    this.SUBRULE(this.body)
  })

  readonly body: Rule = this.RULE('body', () => {
    this.CONSUME(t.LeftBrace)
    this.MANY(() => this.SUBRULE(this.item))
    this.CONSUME(t.RightBrace)
  })

  readonly item: Rule = this.RULE('item', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.letItem) },
      { ALT: () => this.SUBRULE(this.versionItem) },
      { ALT: () => this.SUBRULE(this.peerItem) },
      { ALT: () => this.SUBRULE(this.channelItem) },
      { ALT: () => this.SUBRULE(this.memoryItem) },
      { ALT: () => this.SUBRULE(this.transitionItem) },
      { ALT: () => this.SUBRULE(this.assertItem) },
      { ALT: () => this.SUBRULE(this.useItem) },
    ])
  })

  readonly letItem: Rule = this.RULE('letItem', () => {
    this.CONSUME(t.Let)
    this.CONSUME(t.Name)
    this.CONSUME(t.Equals)
    this.SUBRULE(this.value)
  })

  readonly versionItem: Rule = this.RULE('versionItem', () => {
    this.CONSUME(t.Version)
    this.SUBRULE(this.value)
  })

  readonly peerItem: Rule = this.RULE('peerItem', () => {
    this.MANY(() => this.SUBRULE(this.peerModifier))
    this.CONSUME(t.Peer)
    this.CONSUME(t.Name)
    this.OPTION(() =>
      this.OR([
        {
          ALT: () => {
            this.CONSUME(t.Image)
            this.CONSUME(t.StringToken)
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.Rim)
            this.AT_LEAST_ONE_SEP({ SEP: t.Or, DEF: () => this.CONSUME(t.Digest) })
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.Label)
            this.CONSUME(t.NumberToken)
          },
        },
      ]),
    )
    this.OPTION1(() => {
      this.CONSUME(t.Rpv)
      this.SUBRULE(this.rpvValue)
    })
  })

  readonly peerModifier: Rule = this.RULE('peerModifier', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Trusted) },
      { ALT: () => this.CONSUME(t.Gateway) },
      { ALT: () => this.CONSUME(t.Open) },
    ])
  })

  readonly rpvValue: Rule = this.RULE('rpvValue', () => {
    this.OR([{ ALT: () => this.CONSUME(t.HexString) }, { ALT: () => this.CONSUME(t.StringToken) }])
  })

  readonly channelItem: Rule = this.RULE('channelItem', () => {
    this.CONSUME(t.Channel)
    this.CONSUME(t.Name)
    this.SUBRULE(this.side)
    this.OR([{ ALT: () => this.CONSUME(t.OneWay) }, { ALT: () => this.CONSUME(t.BothWays) }])
    this.SUBRULE1(this.side)
    this.SUBRULE(this.value)
    this.OPTION(() => this.SUBRULE(this.address))
    this.OPTION1(() => this.CONSUME(t.Paced))
  })

  readonly side: Rule = this.RULE('side', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.endpoint) },
      {
        ALT: () => {
          this.CONSUME(t.LeftParen)
          this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE1(this.endpoint) })
          this.CONSUME(t.RightParen)
        },
      },
    ])
  })

  readonly endpoint: Rule = this.RULE('endpoint', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Name) },
      { ALT: () => this.CONSUME(t.Host) },
      {
        ALT: () => {
          this.OPTION(() => this.CONSUME(t.Each))
          this.SUBRULE(this.anyone)
        },
      },
    ])
  })

  readonly anyone: Rule = this.RULE('anyone', () => {
    this.CONSUME(t.Any)
    this.OPTION(() => {
      this.CONSUME(t.LeftParen)
      this.SUBRULE(this.value)
      this.CONSUME(t.RightParen)
    })
  })

  readonly address: Rule = this.RULE('address', () => {
    this.CONSUME(t.At)
    this.SUBRULE(this.value)
  })

  readonly memoryItem: Rule = this.RULE('memoryItem', () => {
    this.CONSUME(t.Memory)
    this.CONSUME(t.Name)
    this.CONSUME1(t.Name)
    this.SUBRULE(this.value)
    this.CONSUME(t.LeftBrace)
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.mapping) })
    this.CONSUME(t.RightBrace)
    this.OPTION(() => this.CONSUME(t.Paced))
  })

  readonly mapping: Rule = this.RULE('mapping', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Name) },
      { ALT: () => this.CONSUME(t.Host) },
      { ALT: () => this.SUBRULE(this.anyone) },
    ])
    this.CONSUME(t.Colon)
    this.AT_LEAST_ONE(() => this.SUBRULE(this.right))
    this.OPTION(() => this.SUBRULE(this.address))
  })

  readonly right: Rule = this.RULE('right', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Read) },
      { ALT: () => this.CONSUME(t.Write) },
      { ALT: () => this.CONSUME(t.Execute) },
      { ALT: () => this.CONSUME(t.Owner) },
    ])
  })

  readonly transitionItem: Rule = this.RULE('transitionItem', () => {
    this.CONSUME(t.Transition)
    this.CONSUME(t.Name)
    this.CONSUME(t.LeftBrace)
    this.MANY(() => this.SUBRULE(this.transitionRule))
    this.CONSUME(t.RightBrace)
  })

  readonly transitionRule: Rule = this.RULE('transitionRule', () => {
    this.CONSUME(t.Name)
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.identifiers) })
    this.CONSUME(t.Colon)
    this.CONSUME1(t.Name)
  })

  readonly identifiers: Rule = this.RULE('identifiers', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Name) },
      { ALT: () => this.CONSUME(t.Star) },
      {
        ALT: () => {
          this.CONSUME(t.NumberToken)
          this.OPTION(() => {
            this.CONSUME(t.Range)
            this.CONSUME1(t.NumberToken)
          })
        },
      },
    ])
  })

  readonly assertItem: Rule = this.RULE('assertItem', () => {
    this.CONSUME(t.Assert)
    this.OPTION(() => this.CONSUME(t.StringToken))
    this.SUBRULE(this.property)
    this.OPTION1(() => {
      this.CONSUME(t.Assuming)
      this.SUBRULE(this.nodes)
      this.CONSUME(t.Confined)
    })
  })

  readonly property: Rule = this.RULE('property', () => {
    this.OR({
      // One token decides, so that a mistake in the verb is found at the verb.
      MAX_LOOKAHEAD: 1,
      DEF: [
        { ALT: () => this.SUBRULE(this.acyclic) },
        { ALT: () => this.CONSUME(t.Closed) },
        { ALT: () => this.CONSUME(t.Digest) },
        { ALT: () => this.SUBRULE(this.isolated) },
        { ALT: () => this.SUBRULE(this.quiet) },
        // A peer may be called `gateways`: only the verb tells.
        {
          GATE: () => this.LA(2).tokenType === t.Are,
          ALT: () => this.SUBRULE(this.members),
          IGNORE_AMBIGUITIES: true,
        },
        { ALT: () => this.SUBRULE(this.reach) },
      ],
    })
  })

  readonly acyclic: Rule = this.RULE('acyclic', () => {
    this.CONSUME(t.Acyclic)
    this.OPTION(() => {
      this.CONSUME(t.Except)
      this.SUBRULE(this.nodes)
    })
  })

  readonly isolated: Rule = this.RULE('isolated', () => {
    this.CONSUME(t.Isolated)
    this.SUBRULE(this.node)
    this.CONSUME(t.From)
    this.SUBRULE1(this.node)
    this.OPTION(() => {
      this.CONSUME(t.Except)
      this.CONSUME(t.Via)
      this.SUBRULE(this.nodes)
    })
  })

  readonly quiet: Rule = this.RULE('quiet', () => {
    this.CONSUME(t.Quiet)
    this.SUBRULE(this.node)
  })

  readonly members: Rule = this.RULE('members', () => {
    this.OR([{ ALT: () => this.CONSUME(t.Gateways) }, { ALT: () => this.CONSUME(t.Leakers) }])
    this.CONSUME(t.Are)
    this.OR1([{ ALT: () => this.CONSUME(t.None) }, { ALT: () => this.SUBRULE(this.nodes) }])
  })

  readonly reach: Rule = this.RULE('reach', () => {
    this.SUBRULE(this.node)
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.Never)
          this.CONSUME(t.Reaches)
          this.SUBRULE1(this.node)
          this.OPTION(() => {
            this.CONSUME(t.Except)
            this.CONSUME(t.Via)
            this.SUBRULE(this.nodes)
          })
        },
      },
      {
        ALT: () => {
          this.CONSUME1(t.Reaches)
          this.SUBRULE2(this.node)
          this.OPTION1(() => {
            this.CONSUME(t.Only)
            this.CONSUME1(t.Via)
            this.SUBRULE1(this.nodes)
          })
        },
      },
    ])
  })

  readonly nodes: Rule = this.RULE('nodes', () => {
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.node) })
  })

  readonly node: Rule = this.RULE('node', () => {
    this.OR([{ ALT: () => this.CONSUME(t.Name) }, { ALT: () => this.CONSUME(t.Host) }])
  })

  readonly useItem: Rule = this.RULE('useItem', () => {
    this.CONSUME(t.Use)
    this.CONSUME(t.Name)
    this.CONSUME(t.LeftParen)
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.argument) })
    this.CONSUME(t.RightParen)
    this.CONSUME(t.As)
    this.CONSUME1(t.Name)
  })

  readonly argument: Rule = this.RULE('argument', () => {
    this.OR([{ ALT: () => this.SUBRULE(this.value) }, { ALT: () => this.CONSUME(t.Host) }])
  })

  /**
   * A number, a size or the name of one. Any name on the same line is taken as the unit, so that a wrong one can be
   * explained; a name on the next line is the beginning of something else.
   */
  readonly value: Rule = this.RULE('value', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.NumberToken)
          this.OPTION({
            GATE: () => this.LA(1).startLine === this.LA(0).endLine,
            DEF: () => this.CONSUME(t.Name),
          })
        },
      },
      { ALT: () => this.CONSUME1(t.Name) },
    ])
  })

  constructor() {
    super()
    this.performSelfAnalysis()
  }
}

/** Built once: the analysis of the grammar costs milliseconds, and a parser may be used again and again. */
export const grammar: MicaParser = new MicaParser()
