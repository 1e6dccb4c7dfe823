import type { Command } from 'commander';
import { Argument } from 'commander';
import { candidates } from '../candidates.js';
import type { Surroundings } from '../surroundings.js';

/** Each script asks the command itself what could come next, so that it never falls behind. */
const scripts = {
  bash: `_attune() {
  local candidates
  candidates=$(attune --complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1)
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$candidates" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -o bashdefault -F _attune attune
`,
  zsh: `#compdef attune
_attune() {
  local -a candidates
  candidates=("\${(@f)$(attune --complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null | sed -e 's/:/\\\\:/g' -e 's/\\t/:/')}")
  if (( \${#candidates} )) && [[ -n "\${candidates[1]}" ]]; then _describe 'attune' candidates; else _files; fi
}
compdef _attune attune
`,
  fish: `function __attune_complete
  set -l words (commandline -opc) (commandline -ct)
  attune --complete -- $words[2..-1] 2>/dev/null
end
complete -c attune -a '(__attune_complete)'
`,
} as const;

export function addCompletion(program: Command, surroundings: Surroundings): void {
  program
    .command('completion')
    .summary('a script that completes commands and options')
    .description(
      'Writes a script for a shell. In bash: eval "$(attune completion bash)"; in zsh the same with zsh; in fish: attune completion fish | source.',
    )
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(Object.keys(scripts)))
    .action((shell: keyof typeof scripts) => {
      surroundings.stdout.write(scripts[shell]);
    });
}

/** What `attune --complete -- words…` writes: each word that could stand in place of the last, with what it is. */
export function complete(program: Command, words: readonly string[], { stdout }: Surroundings): void {
  for (const { word, says } of candidates(program, words)) stdout.write(`${word}\t${says}\n`);
}
