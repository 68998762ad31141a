using ActivityConnector.Pipeline;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>An event that is not settled yet, and where it goes.</summary>
internal sealed class PendingEvent(JournalEvent e, string target)
{
    /// <summary>The action line and what this sink adds, about.</summary>
    private const int Around = 160;

    public JournalEvent Event { get; } = e;

    /// <summary>The index or data stream.</summary>
    public string Target { get; } = target;

    /// <summary>About how much of a request it takes.</summary>
    public int Bytes => Event.Json.Length + Around;

    /// <summary>How often the server failed at it.</summary>
    public int Failures { get; set; }

    /// <summary>How often it did so while it took others.</summary>
    public int FailuresAmongOthers { get; set; }

    /// <summary>The server has it; it is sent again only to see that the server is well.</summary>
    public bool IsSettled { get; set; }

    /// <summary><see cref="WriteProgress.Takings"/> when a request with this event alone failed last; null before that.</summary>
    public long? FailedAloneAt { get; set; }

    /// <summary>Before it is sent again, an event that is stored shows whether the server is well.</summary>
    public bool NeedsControl { get; set; }

    /// <summary>Which pipeline of the cluster fails at it, in parentheses; empty when none is known.</summary>
    public string Pipeline { get; set; } = "";

    /// <summary>How often its index was not there.</summary>
    public int Missed { get; set; }
}
