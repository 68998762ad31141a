namespace ActivityConnector.Sources.Http;

/// <summary>A page has more records than <see cref="VendorPage.MostRecords"/>: it is asked for again with a smaller limit.</summary>
internal sealed class TooManyRecordsException : Exception;
