namespace ActivityConnector.Pipeline;

/// <summary>The journal cannot do what was asked. <see cref="Fix"/> says what the operator does about it.</summary>
public abstract class JournalException(string message, string fix, Exception? inner) : Exception(message, inner)
{
    public string Fix { get; } = fix;
}

/// <summary>Another process owns the journal.</summary>
public sealed class JournalBusyException(string message, string fix, Exception? inner = null) : JournalException(message, fix, inner);

/// <summary>Another instance of the same deployment collects the source; this one stands by. The normal state of a second replica.</summary>
public sealed class JournalStandbyException(string message, string fix, Exception? inner = null) : JournalException(message, fix, inner);

/// <summary>A newer writer owns the source: this one must stop. Nothing of the refused commit is in the journal.</summary>
public sealed class JournalFencedException(string message, string fix, Exception? inner = null) : JournalException(message, fix, inner);

/// <summary>No room for more events, on the disk or under the configured limit. What is committed stays readable.</summary>
public sealed class JournalFullException(string message, string fix, Exception? inner = null) : JournalException(message, fix, inner);

/// <summary>The journal was taken away or replaced while this process had it: what it would commit could not be found. The process must end.</summary>
public sealed class JournalLostException(string message, string fix, Exception? inner = null) : JournalException(message, fix, inner);

/// <summary>
/// The journal turned out to take only smaller events than it said: <see cref="IJournal.MaxEventBytes"/> is smaller now. Nothing of the commit is in the
/// journal; what is read again is made to fit.
/// </summary>
public sealed class JournalLimitException(string message, string fix, Exception? inner = null) : JournalException(message, fix, inner);

/// <summary>What is stored cannot be trusted or is of a newer version. Never answered by starting over silently.</summary>
public sealed class JournalCorruptException(string message, string fix, Exception? inner = null) : JournalException(message, fix, inner);

/// <summary>What holds the journal is not set up as it must be, or does not let this user do it; it refuses until an operator acts.</summary>
public sealed class JournalMisconfiguredException(string message, string fix, Exception? inner = null) : JournalException(message, fix, inner);

/// <summary>What holds the journal (a disk, a permission, a cluster) does not do its part now. The outcome of a commit is unknown.</summary>
public sealed class JournalUnavailableException(string message, string fix, Exception? inner = null) : JournalException(message, fix, inner);
