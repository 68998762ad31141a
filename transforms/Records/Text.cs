namespace ActivityConnector.Transforms;

/// <summary>A piece of UTF-8 text inside a <see cref="RecordTree"/>. No text and empty text are the same: both are left out of an event.</summary>
/// <remarks>
/// One number, because a struct of two is stored in two halves and loaded as a whole, for which the processor has to wait.
/// </remarks>
internal readonly record struct Text
{
    private readonly ulong _place;

    public Text(int start, int length) => _place = ((ulong)(uint)length << 32) | (uint)start;

    public int Start => (int)_place;

    public int Length => (int)(_place >> 32);

    public bool IsEmpty => Length == 0;

    public int End => Start + Length;
}
