using System.Text;

namespace ActivityConnector.Simulation;

/// <summary>JSON text with named holes, <c>$name$</c>, parsed once and filled for each record.</summary>
internal sealed class Template<TSlot>
    where TSlot : struct, Enum
{
    private readonly byte[][] _literals;
    private readonly TSlot[] _slots;

    public Template(string text)
    {
        var parts = text.Split('$');
        if (parts.Length % 2 == 0)
            throw new ArgumentException($"A hole is not closed: {text}", nameof(text));

        _literals = [.. parts.Where((_, i) => i % 2 == 0).Select(Encoding.UTF8.GetBytes)];
        _slots = [.. parts.Where((_, i) => i % 2 == 1).Select(name => Enum.Parse<TSlot>(name, ignoreCase: true))];
    }

    public ReadOnlySpan<TSlot> Slots => _slots;

    /// <summary>The text before the hole of the same number; one more than there are holes.</summary>
    public ReadOnlySpan<byte> Literal(int number) => _literals[number];
}
