using System.Text;

namespace ActivityConnector.Tests.Documents;

/// <summary>A line of a shell as documents have them: its simple commands as words, without quotes, redirections and the comment.</summary>
/// <param name="Commands">In their order, those inside of <c>$(…)</c> and <c>&lt;(…)</c> included.</param>
/// <param name="NeedsShell">Whether only a shell can run it: there is a pipe, a redirection, an expansion or a variable.</param>
/// <param name="IsWhole">False where a quote does not end in the line.</param>
internal sealed record ShellLine(IReadOnlyList<IReadOnlyList<string>> Commands, bool NeedsShell, bool IsWhole)
{
    public static ShellLine Read(string line)
    {
        var reader = new Reader();
        var isWhole = reader.Read(line);
        reader.EndCommand();
        return new(reader.Commands, reader.NeedsShell, isWhole);
    }

    private sealed class Reader
    {
        private readonly StringBuilder _word = new();
        private List<string> _words = [];
        private bool _isInWord;
        private bool _isFile;

        public List<IReadOnlyList<string>> Commands { get; } = [];

        public bool NeedsShell { get; private set; }

        public bool Read(string line)
        {
            for (var i = 0; i < line.Length; i++)
            {
                var c = line[i];
                if (c is '\'' or '"')
                {
                    var end = line.IndexOf(c, i + 1);
                    if (end < 0) return false;

                    var quoted = line[(i + 1)..end];
                    if (c == '"' && quoted.Contains('$', StringComparison.Ordinal)) NeedsShell = true;

                    Add(quoted);
                    i = end;
                }
                else if (c == '\\' && i + 1 < line.Length)
                {
                    Add(line[++i].ToString());
                }
                else if (c == '#' && !_isInWord)
                {
                    return true;
                }
                else
                {
                    Take(c);
                }
            }

            return true;
        }

        public void EndCommand()
        {
            EndWord();
            _isFile = false;
            if (_words.Count == 0) return;

            Commands.Add(_words);
            _words = [];
        }

        private void Take(char c)
        {
            if (c is '|' or '&' or ';' or '(' or ')')
            {
                NeedsShell = true;
                EndCommand();
            }
            else if (c is '<' or '>')
            {
                NeedsShell = true;

                // As in 2>file.
                if (_isInWord && _word.ToString().All(char.IsAsciiDigit)) _word.Clear();

                EndWord();
                _isFile = true;
            }
            else if (c is ' ' or '\t')
            {
                EndWord();
            }
            else
            {
                if (c is '$' or '`') NeedsShell = true;

                Add(c.ToString());
            }
        }

        private void Add(string text)
        {
            _word.Append(text);
            _isInWord = true;
        }

        private void EndWord()
        {
            if (!_isInWord) return;

            if (_word.Length > 0 && !_isFile) _words.Add(_word.ToString());

            _word.Clear();
            (_isInWord, _isFile) = (false, false);
        }
    }
}
