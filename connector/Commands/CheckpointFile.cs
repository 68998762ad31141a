using System.Globalization;
using System.Text;
using ActivityConnector.Configuration;
using ActivityConnector.Pipeline;
using ActivityConnector.Terminals;
using ActivityConnector.Vendors;

namespace ActivityConnector.Commands;

/// <summary>
/// What <c>checkpoint export</c> writes and <c>import</c> reads: checkpoints and known events, one a line, and a last line that counts the others.
/// </summary>
internal static class CheckpointFile
{
    private const string Fix = "Nothing was changed. Export it again with 'checkpoint export'.";

    /// <summary>Ends an export, and shows that none of its lines is missing.</summary>
    /// <param name="before">How many lines there are before it.</param>
    public static string LastLine(int before) => string.Create(CultureInfo.InvariantCulture, $"{{\"lines\":{before}}}");

    /// <summary>The lines of a file, or of standard input.</summary>
    /// <param name="name">Its path, or <c>-</c>.</param>
    /// <exception cref="CommandFailedException">It cannot be read.</exception>
    public static async Task<IReadOnlyList<string>> ReadAsync(string name, Terminal terminal, CancellationToken cancellationToken)
    {
        try
        {
            if (name != "-") return await File.ReadAllLinesAsync(Path.GetFullPath(name, terminal.WorkingDirectory), cancellationToken);

            using var reader = new StreamReader(terminal.In, Encoding.UTF8, leaveOpen: true);
            var lines = new List<string>();
            while (await reader.ReadLineAsync(cancellationToken) is { } line) lines.Add(line);

            return lines;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(
                ExitCodes.Failed, $"{name} cannot be read: {FileProblem.Describe(e)}. Give the path of a file that 'checkpoint export' wrote.");
        }
    }

    /// <summary>What the lines hold: all of it, or nothing.</summary>
    /// <exception cref="CommandFailedException">A line is damaged, missing, or of a source that this connector does not have.</exception>
    public static (IReadOnlyList<Checkpoint> Checkpoints, ILookup<string, SeenLine> Seen) Parse(IReadOnlyList<string> all)
    {
        List<(string Text, int Number)> lines = [.. all.Select((text, i) => (text, i + 1)).Where(line => line.text.Length > 0)];
        if (lines.Count == 0) throw Failed("The file is empty.");

        if (lines[0].Text[0] != '{') throw Failed("The file is not what 'checkpoint export' writes.");

        if (lines[^1].Text != LastLine(lines.Count - 1)) throw Failed("The file is not whole: its last line does not count the lines before it.");

        var (checkpoints, seen) = (new List<Checkpoint>(), new List<SeenLine>());
        foreach (var (text, number) in lines.SkipLast(1))
        {
            try
            {
                if (SeenLine.TryParse(text) is { } known)
                {
                    _ = known.Parsed().Count();
                    seen.Add(known);
                }
                else
                {
                    checkpoints.Add(CheckpointText.Parse(Encoding.UTF8.GetBytes(text)));
                }
            }
            catch (Exception e) when (e is FormatException or JournalCorruptException)
            {
                throw Failed($"Line {number}: {e.Message}");
            }
        }

        if (checkpoints.Count == 0) throw Failed("The file has no checkpoint: there is nothing to set.");

        if (checkpoints.Find(c => !c.Source.IsValid || !Vendor.Names.Contains(c.Source.Source)) is { } strange)
        {
            throw Failed($"The file has a checkpoint of {strange.Source}, and this connector reads {string.Join(" and ", Vendor.Names)}.");
        }

        if (checkpoints.GroupBy(c => c.Source).FirstOrDefault(g => g.Count() > 1) is { } twice) throw Failed($"The file has two checkpoints of {twice.Key}.");

        if (seen.Find(s => !checkpoints.Exists(c => c.Source.ToString() == s.SeenOf)) is { } lost)
        {
            throw Failed($"The file has known events of {lost.SeenOf}, and no checkpoint of it.");
        }

        return (checkpoints, seen.ToLookup(s => s.SeenOf));
    }

    private static CommandFailedException Failed(string cause) => new(ExitCodes.Failed, $"{cause} {Fix}");
}
