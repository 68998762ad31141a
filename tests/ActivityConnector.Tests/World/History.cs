using System.Globalization;

namespace ActivityConnector.Tests.World;

/// <summary>Everything that happened in a world, a line each.</summary>
internal sealed class History(Func<DateTimeOffset> now)
{
    private readonly List<string> _lines = [];

    public void Add(string line) => _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{now():yyyy-MM-dd HH:mm:ss.fff}  {line}"));

    public override string ToString() => string.Join('\n', _lines);
}
