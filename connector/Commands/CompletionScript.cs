using System.CommandLine;
using System.CommandLine.Completions;

namespace ActivityConnector.Commands;

/// <summary>The words that can follow in each place of a command line, as scripts of four shells. Files are completed by the shell itself.</summary>
internal sealed class CompletionScript
{
    private const string Function = "_activity_connector";

    /// <summary>By the path of words that leads to a command, with spaces between; the root's is empty.</summary>
    private readonly SortedDictionary<string, string[]> _words = new(StringComparer.Ordinal);

    /// <summary>The values of options that take one of a few.</summary>
    private readonly SortedDictionary<string, SortedDictionary<string, string[]>> _values = new(StringComparer.Ordinal);

    public CompletionScript(RootCommand root) => Add(root, "", []);

    public string Bash() => Lines(
        $$"""
        # Completion of activity-connector for bash. Load it with: source <(activity-connector completion bash)
        {{Function}}() {
          local cur prev path word words
          cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path=
          for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
            case "$path $word" in
        {{Cases(path => $"      \"{path}\") path=\"{path}\" ;;", Paths.Select(p => " " + p).Where(p => p.Length > 1))}}
            esac
          done
          case "$path $prev" in
        {{Cases(v => $"    \"{v.Path} {v.Option}\") words=\"{string.Join(' ', v.Values)}\" ;;", Values)}}
          *) case "$path" in
        {{Cases(p => $"    \"{(p.Length > 0 ? " " : "")}{p}\") words=\"{string.Join(' ', _words[p])}\" ;;", Paths)}}
          esac ;;
          esac
          COMPREPLY=($(compgen -W "$words" -- "$cur"))
        }
        complete -o bashdefault -o default -F {{Function}} activity-connector ./run
        """);

    public string Zsh() => Lines(
        $$"""
        #compdef activity-connector
        # Completion of activity-connector for zsh. Load it with: source <(activity-connector completion zsh)
        {{Function}}() {
          local prev=${words[CURRENT-1]} place= word
          for word in ${words[2,CURRENT-1]}; do
            case "$place $word" in
        {{Cases(path => $"      \"{path}\") place=\"{path}\" ;;", Paths.Select(p => " " + p).Where(p => p.Length > 1))}}
            esac
          done
          case "$place $prev" in
        {{Cases(v => $"    \"{v.Path} {v.Option}\") compadd -- {string.Join(' ', v.Values)}; return ;;", Values)}}
          esac
          case "$place" in
        {{Cases(p => $"    \"{(p.Length > 0 ? " " : "")}{p}\") compadd -- {string.Join(' ', _words[p])} ;;", Paths)}}
          esac
          _files
        }
        (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
        compdef {{Function}} activity-connector
        """);

    public string Fish() => Lines(
        $$"""
        # Completion of activity-connector for fish. Load it with: activity-connector completion fish | source
        function {{Function}}
          set -l place
          set -l prev
          for word in (commandline -opc)[2..-1]
            set prev $word
            switch "$place $word"
        {{Cases(path => $"      case \"{path}\"\n        set place \"{path}\"", Paths.Select(p => " " + p).Where(p => p.Length > 1))}}
            end
          end
          switch "$place $prev"
        {{Cases(v => $"    case \"{v.Path} {v.Option}\"\n      printf '%s\\n' {string.Join(' ', v.Values)}\n      return", Values)}}
          end
          switch "$place"
        {{Cases(p => $"    case \"{(p.Length > 0 ? " " : "")}{p}\"\n      printf '%s\\n' {string.Join(' ', _words[p])}", Paths)}}
          end
        end
        complete -c activity-connector -a '({{Function}})'
        """);

    public string PowerShell() => Lines(
        $$"""
        # Completion of activity-connector for PowerShell. Load it with: activity-connector completion pwsh | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName activity-connector -ScriptBlock {
          param($current, $line, $position)
          $words = @{
        {{Cases(p => $"    '{p}' = '{string.Join(' ', _words[p])}'", Paths)}}
          }
          $values = @{
        {{Cases(v => $"    '{v.Path.TrimStart()} {v.Option}' = '{string.Join(' ', v.Values)}'", Values)}}
          }
          $typed = @($line.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
          if ($current -ne '') { $typed = @($typed | Select-Object -SkipLast 1) }
          $place = ''
          $prev = ''
          foreach ($word in $typed) {
            $prev = $word
            $next = "$place $word".Trim()
            if ($words.ContainsKey($next)) { $place = $next }
          }
          $found = if ($values.ContainsKey("$place $prev".Trim())) { $values["$place $prev".Trim()] } else { $words[$place] }
          $found -split ' ' | Where-Object { $_ -like "$current*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
        }
        """);

    private IEnumerable<string> Paths => _words.Keys;

    private IEnumerable<(string Path, string Option, string[] Values)> Values => _values.SelectMany(path => path.Value.Select(option =>
        ((path.Key.Length > 0 ? " " : "") + path.Key, option.Key, option.Value)));

    private static string Cases<T>(Func<T, string> line, IEnumerable<T> of) => string.Join('\n', of.Select(line));

    private static string Lines(string script) => script.ReplaceLineEndings("\n").TrimEnd('\n');

    private void Add(Command command, string path, IReadOnlyList<Option> inherited)
    {
        List<Option> options = [.. command.Options.Where(o => !o.Hidden), .. inherited];
        string[] subcommands = [.. command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name)];
        string[] ofArguments = [.. command.Arguments.SelectMany(argument => WordsOf(argument))];
        _words[path] = [.. subcommands, .. ofArguments, .. options.Select(o => o.Name).Distinct()];
        var values = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var option in options)
        {
            if (WordsOf(option) is not { Length: > 0 } words) continue;

            foreach (var name in option.Aliases.Append(option.Name)) values[name] = words;
        }

        if (values.Count > 0) _values[path] = values;

        List<Option> below = [.. options.Where(o => o.Recursive)];
        foreach (var sub in command.Subcommands.Where(c => !c.Hidden)) Add(sub, path.Length == 0 ? sub.Name : $"{path} {sub.Name}", below);
    }

    /// <summary>The words that a value can be, where there are a few; a truth value needs none.</summary>
    private static string[] WordsOf(Symbol symbol) => symbol switch
    {
        Option { ValueType: var type } when type == typeof(bool) => [],
        Option option => [.. option.GetCompletions(CompletionContext.Empty).Select(c => c.Label)],
        Argument argument => [.. argument.GetCompletions(CompletionContext.Empty).Select(c => c.Label)],
        _ => [],
    };
}
