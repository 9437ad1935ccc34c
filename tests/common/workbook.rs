//! Workbooks and archives written for a test.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

/// A zip archive of these members.
pub(crate) fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A gzip file of these bytes.
pub(crate) fn gzip_of(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// Column letters of a position below 26.
fn letter(column: usize) -> char {
    (b'A' + column as u8) as char
}

/// Sheet XML of cells given as `t:text`, `n:number`, `d:serial day` or nothing.
pub(crate) fn sheet_xml(rows: &[&[&str]]) -> String {
    let mut data = String::new();
    for (at, cells) in rows.iter().enumerate() {
        let row = at + 1;
        data.push_str(&format!("<row r=\"{row}\">"));
        for (column, cell) in cells.iter().enumerate() {
            let place = format!("{}{row}", letter(column));
            match cell.split_once(':') {
                Some(("t", text)) => data.push_str(&format!(
                    "<c r=\"{place}\" t=\"inlineStr\"><is><t>{}</t></is></c>",
                    text.replace('&', "&amp;").replace('<', "&lt;")
                )),
                Some(("n", number)) => data.push_str(&format!("<c r=\"{place}\"><v>{number}</v></c>")),
                Some(("d", serial)) => {
                    data.push_str(&format!("<c r=\"{place}\" s=\"1\"><v>{serial}</v></c>"));
                }
                _ => {}
            }
        }
        data.push_str("</row>");
    }
    format!(
        "<?xml version=\"1.0\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{data}</sheetData></worksheet>"
    )
}

/// An XLSX workbook of sheets given as XML, with further members.
pub(crate) fn xlsx_of(sheets: &[(&str, String)], more: &[(&str, &[u8])]) -> Vec<u8> {
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let mut list = String::new();
    let mut relations = String::new();
    for (at, (name, _)) in sheets.iter().enumerate() {
        let id = at + 1;
        list.push_str(&format!("<sheet name=\"{name}\" sheetId=\"{id}\" r:id=\"rId{id}\"/>"));
        relations.push_str(&format!(
            "<Relationship Id=\"rId{id}\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet{id}.xml\"/>"
        ));
    }
    let workbook =
        format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{list}</sheets></workbook>");
    let relations = format!("<Relationships xmlns=\"{PACKAGE}\">{relations}</Relationships>");
    let root = format!(
        "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let styles = format!(
        "<styleSheet xmlns=\"{MAIN}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
    );
    let types = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>";
    let names: Vec<String> = (1..=sheets.len()).map(|id| format!("xl/worksheets/sheet{id}.xml")).collect();
    let mut members: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        ("xl/styles.xml", styles.as_bytes()),
    ];
    members.extend(names.iter().zip(sheets).map(|(name, (_, xml))| (name.as_str(), xml.as_bytes())));
    members.extend(more.iter().copied());
    zip_of(&members)
}

/// An ODS workbook of one sheet with this table content.
pub(crate) fn ods_of(rows: &str) -> Vec<u8> {
    let content = format!(
        "<?xml version=\"1.0\"?><office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet><table:table table:name=\"Assets\">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    zip_of(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        (
            "META-INF/manifest.xml",
            b"<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"/>",
        ),
        ("content.xml", content.as_bytes()),
    ])
}
