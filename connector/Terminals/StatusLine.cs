using System.Text;

namespace ActivityConnector.Terminals;

/// <summary>
/// Standard error, with a line at its end that changes. What is written meanwhile appears above that line, each of its lines whole. Where standard
/// error is closed or fails, what is written to it is lost, and nothing else happens.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class StatusLine(TextWriter terminal) : TextWriter
{
    /// <summary>To the line's beginning, and nothing to its right.</summary>
    private const string Erase = "\r\u001b[K";

    private readonly Lock _turn = new();
    private string _status = "";
    private bool _isShown;
    private bool _isWithinLine;

    public override Encoding Encoding => terminal.Encoding;

    /// <summary>Shows another text in the last line; an empty one takes it away.</summary>
    /// <param name="text">One line, not wider than the terminal.</param>
    public void Show(string text)
    {
        Try(() =>
        {
            Hide();
            _status = text;
            ShowBetweenLines();
            terminal.Flush();
        });
    }

    public override void Write(string? value)
    {
        if (string.IsNullOrEmpty(value)) return;

        Try(() =>
        {
            Hide();
            terminal.Write(value);
            _isWithinLine = value[^1] != '\n';
            ShowBetweenLines();
        });
    }

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void WriteLine(string? value) => Write(value + NewLine);

    public override void Flush() => Try(terminal.Flush);

    private void Try(Action write)
    {
        lock (_turn)
        {
            try
            {
                write();
            }
            catch (IOException)
            {
                // It has no reader.
            }
        }
    }

    private void Hide()
    {
        if (_isShown) terminal.Write(Erase);

        _isShown = false;
    }

    private void ShowBetweenLines()
    {
        if (_isWithinLine || _status.Length == 0) return;

        terminal.Write(_status);
        _isShown = true;
    }
}
