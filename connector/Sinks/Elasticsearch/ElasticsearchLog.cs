namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>Every message of this sink. None has a credential or a value of an event in it.</summary>
internal static partial class ElasticsearchLog
{
    [LoggerMessage(2001, LogLevel.Information, "Elasticsearch: {Server}; events go to {Targets}.")]
    public static partial void Connected(ILogger logger, string server, string targets);

    [LoggerMessage(
        2002, LogLevel.Warning,
        "{Cause} {Fix} Events wait in the journal since {Since:yyyy-MM-ddTHH:mm:ssZ}; it is tried again within {Seconds:F0} s.")]
    public static partial void Again(ILogger logger, string cause, string fix, DateTimeOffset since, double seconds);

    [LoggerMessage(
        2003, LogLevel.Error,
        "{Cause} {Fix} Events wait in the journal since {Since:yyyy-MM-ddTHH:mm:ssZ}; it is tried again every {Seconds:F0} s.")]
    public static partial void Held(ILogger logger, string cause, string fix, DateTimeOffset since, double seconds);

    [LoggerMessage(
        2015, LogLevel.Error,
        "{Cause} {Fix} The events of this index wait in the journal, those of others are delivered; it is tried again every {Seconds:F0} s.")]
    public static partial void IndexHeld(ILogger logger, string cause, string fix, double seconds);

    [LoggerMessage(2016, LogLevel.Information, "Elasticsearch: {Index} takes events again, after {Seconds:F0} s.")]
    public static partial void IndexReleased(ILogger logger, string index, double seconds);

    [LoggerMessage(
        2017, LogLevel.Error,
        "Elasticsearch stored {Count} events of {Index} under other ids than they were sent with, because {Pipelines} sets _id: an event that is sent "
        + "again would be stored twice. Take _id out of the pipeline.")]
    public static partial void OtherIds(ILogger logger, long count, string index, string pipelines);

    [LoggerMessage(
        2019, LogLevel.Error,
        "Elasticsearch stored {Count} events of {Index} in another index, because {Pipelines} or an alias sends them there: an event that is sent again "
        + "is found only where it was stored. See who does that; if it is meant, nothing is to be done.")]
    public static partial void OtherIndex(ILogger logger, long count, string index, string pipelines);

    [LoggerMessage(2018, LogLevel.Error, "{Cause} {Fix}")]
    public static partial void OtherTemplate(ILogger logger, string cause, string fix);

    [LoggerMessage(2004, LogLevel.Information, "Elasticsearch accepts events again, after {Seconds:F0} s.")]
    public static partial void Recovered(ILogger logger, double seconds);

    [LoggerMessage(2005, LogLevel.Information, "Elasticsearch takes no requests of {Bytes} bytes; sending at most half as much from now on.")]
    public static partial void TooLarge(ILogger logger, int bytes);

    [LoggerMessage(
        2006, LogLevel.Warning,
        "Events that happened longer ago than Elasticsearch:Retention were not sent: {Count}. They stay in the journal for its own time.")]
    public static partial void Expired(ILogger logger, long count);

    [LoggerMessage(2007, LogLevel.Warning, "Events that were dropped by a pipeline of the cluster: {Count}.")]
    public static partial void Dropped(ILogger logger, long count);

    [LoggerMessage(
        2008, LogLevel.Error,
        "Events that were put into the cluster's failure store, where no search finds them: {Count}. "
        + "They are kept as dead letters. Fix the mapping, then: dlq replay --all.")]
    public static partial void InFailureStore(ILogger logger, long count);

    [LoggerMessage(2009, LogLevel.Information, "Elasticsearch: installed {Kind} {Name}.")]
    public static partial void Installed(ILogger logger, string kind, string name);

    [LoggerMessage(
        2010, LogLevel.Warning,
        "Elasticsearch does not let this user see or install {Kind} {Name} ({Said}). "
        + "If an administrator has run setup elasticsearch, set Elasticsearch:Setup to false.")]
    public static partial void Denied(ILogger logger, string kind, string name, string said);

    [LoggerMessage(
        2014, LogLevel.Warning,
        "Elasticsearch does not let this user see whether {Kind} {Name} is there ({Said}); "
        + "relying on setup elasticsearch having been run. The cluster privilege monitor lets it look.")]
    public static partial void NotSeen(ILogger logger, string kind, string name, string said);

    [LoggerMessage(2011, LogLevel.Warning, "Elasticsearch: this server has no {Kind} ({Said}); nothing is deleted by itself.")]
    public static partial void Unsupported(ILogger logger, string kind, string said);

    [LoggerMessage(
        2012, LogLevel.Warning,
        "Elasticsearch does not let this user make index {Index} ({Said}); "
        + "relying on it being there, or being made by the first event.")]
    public static partial void NotOursToMake(ILogger logger, string index, string said);

    [LoggerMessage(2013, LogLevel.Information, "Events that were already stored before the data stream's last rollover, and not again: {Count}.")]
    public static partial void FoundInOlder(ILogger logger, int count);
}
