namespace ActivityConnector.Transforms.Records;

/// <summary>A piece of UTF-8 text inside a <see cref="RecordTree"/>. No text and empty text are the same: both are left out of an event.</summary>
internal readonly record struct Text(int Start, int Length)
{
    public bool IsEmpty => Length == 0;

    public int End => Start + Length;
}
